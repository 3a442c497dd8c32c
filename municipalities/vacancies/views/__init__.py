"""Pages of needs and vacancies; the prefecture's are in admin.py and views/review.py."""
