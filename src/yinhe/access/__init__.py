"""What whoever proved who they are may do: permissions, limits, second persons."""
