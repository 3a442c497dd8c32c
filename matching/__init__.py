"""Matching: from needs and people to shared engagements."""
