"""What every Vivavoce process needs. It knows no domain word."""
