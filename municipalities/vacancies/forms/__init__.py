"""Forms of needs, vacancies and the month's export."""
