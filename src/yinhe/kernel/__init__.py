"""The bank's plain words: money, rates, dates, calendars, identifiers; pure, and importing nothing of ours."""
