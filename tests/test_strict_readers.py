"""JSON and XML as their standards have them."""

from __future__ import annotations

import pytest

from b24_conformance import strict_json, strict_xml


class TestAmbiguous:
    """Names that a JSON object has more than once."""

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ('{"a": 1, "b": 2, "\\u0061": 3, "c": 4, "c": 4}', {"a"}),
            ('{"a": true, "a": 1}', {"a"}),
            ('{"a": {"b": 1, "c": 2}, "a": {"c": 2, "b": 1}}', set()),
            ('{"a": {"b": 1, "b": 2}}', set()),
            ('[{"a": 1, "a": 2}]', set()),
            ('{"a": 1, "a": 2', set()),
            ('{"a":' * 100_000, set()),
            ("7", set()),
        ],
    )
    def test_different(self, text: str, names: set[str]) -> None:
        """Only different values count, and only in the outermost object."""
        assert names == strict_json.ambiguous(text)


class TestNumbers:
    """Integers, however long."""

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_length(self, sign: str) -> None:
        """The longest one that is read has 399 characters; beyond it all are infinite."""
        longest = f"{sign}{'7' * 399}"[:399]
        assert int(longest) == strict_json.decode(longest)
        assert float(f"{sign}inf") == strict_json.decode(f"{longest}7")
        assert int(longest) == strict_json.decode(f"[{longest}]")[0]


class TestXml:
    """The root of an answer in XML."""

    def test_read(self) -> None:
        """A declaration and white space are no obstacle."""
        text = '<?xml version="1.0" encoding="utf-8"?>\n<response><error>A</error></response>\n'
        assert "A" == strict_xml.decode(text).findtext("error")

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "not XML"),
            ("{}", "not XML"),
            ("<a>", "not XML"),
            ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a DTD"),
            ("<a>\ud800</a>", "not XML"),
        ],
    )
    def test_refused(self, text: str, why: str) -> None:
        """What is no XML, or could grow beyond measure, is an error that says so."""
        with pytest.raises(ValueError, match=why):
            strict_xml.decode(text)
