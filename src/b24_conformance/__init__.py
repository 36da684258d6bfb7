"""Contract testing for the Bitrix24 REST method `imopenlines.session.join`."""

__version__ = "0.1.0"
__all__ = ["__version__"]
