"""Questions by authors who had seen neither catalogue nor code, and how often they are answered right."""
