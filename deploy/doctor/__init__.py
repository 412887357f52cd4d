"""`tocsin doctor`: looks at everything that tocsin needs, and says what to do about what is missing."""
