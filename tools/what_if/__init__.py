"""What if: the engines on a copy in memory of a site's data, beside what they find in the data as it is."""
