"""Say in another language what the notebooks said in English, once they have run: one execution, two languages.

A text is looked up in gettext catalogues under ``helpers/locale``; one with numbers, months or names in it is
recognised by the catalogue's entry with slots. What no entry covers stays English and is told.
"""

from helpers.translation.catalogue import LANGUAGES, catalogue_files, read_entries
from helpers.translation.translator import Translator, translator_for

__all__ = ["LANGUAGES", "Translator", "catalogue_files", "read_entries", "translator_for"]
