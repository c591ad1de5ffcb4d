"""What people and machines read of a bundle: HTML, JUnit, CTRF, Allure, Markdown."""
