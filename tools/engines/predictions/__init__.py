"""What a model's number is worth: calibrated, watched for drift, judged by what came, and decided upon."""
