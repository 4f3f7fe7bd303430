"""Large compressed files of statistical offices into figures by product, in bounded memory, checked in SQL."""
