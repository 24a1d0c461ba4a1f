"""What people type, read as they meant it: numbers, money, dates, spans, times, days and zones."""
