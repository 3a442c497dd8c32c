"""Pages of needs and vacancies; the prefecture's are in admin.py, review.py and months.py."""
