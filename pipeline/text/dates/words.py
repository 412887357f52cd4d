"""The words that dates are written with in English, and what each counts for."""

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MONTH_NUMBERS: dict[str, int] = {
    **{month: number for number, month in enumerate(MONTHS, 1)},
    **{month[:3]: number for number, month in enumerate(MONTHS, 1)},
    "sept": 9,
}
WEEKDAY_NUMBERS: dict[str, int] = {
    **{day: number for number, day in enumerate(WEEKDAYS)},
    **{day[:3]: number for number, day in enumerate(WEEKDAYS)},
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}

CARDINALS: dict[str, int] = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}

SEASONS = ("spring", "summer", "autumn", "fall", "winter")

YEAR_MIN = 1800
YEAR_MAX = 2099
"""Bare four-digit numbers outside these years are quantities, not years."""

CENTURY_PIVOT = 50
"""Two-digit years below it are read as 20xx, the others as 19xx ("15 JAN 90")."""
