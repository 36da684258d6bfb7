"""What is replaced in an example before it runs, and that nothing else is."""

from __future__ import annotations

import pytest

from b24_conformance.examples.printed import Access, elsewhere, names_chat, with_access, with_chat

ACCESS = Access("http://127.0.0.1:1/rest/1/key/", "token", "refresh")


class TestChat:
    """The number of the chat."""

    @pytest.mark.parametrize(
        "code",
        [
            "CHAT_ID: {n},",
            '"CHAT_ID": {n}',
            "'CHAT_ID' => {n}",
            "-d '{{\"CHAT_ID\":{n}}}'",
            '"{{\\"CHAT_ID\\": {n}}}"',
            "CHAT_ID={n}&auth=x",
            "CHAT_ID: '{n}'",
            "$params['CHAT_ID'] = {n};",
        ],
    )
    def test_every_way_to_write_it(self, code: str) -> None:
        """The number after CHAT_ID is replaced as text, in any language's way to give it."""
        assert code.format(n=12) == with_chat(code.format(n=2043), 12)

    def test_other_numbers_stay(self) -> None:
        """Another parameter with the same number is left alone."""
        assert "USER_ID: 2043, CHAT_ID: 12" == with_chat("USER_ID: 2043, CHAT_ID: 2043", 12)

    def test_no_number(self) -> None:
        """An example that names a variable has no number to replace."""
        assert [True, False] == [names_chat("CHAT_ID: 1"), names_chat("CHAT_ID: chatId")]


class TestAccess:
    """Address and credentials."""

    @pytest.mark.parametrize(
        ("printed", "run"),
        [
            (
                "https://your.bitrix24.com/rest/1/key_here/imopenlines.session.join.json",
                "http://127.0.0.1:1/rest/1/key/imopenlines.session.join.json",
            ),
            (
                "https://**put_address**/rest/**put_id**/**put_key**/imopenlines.session.join",
                "http://127.0.0.1:1/rest/1/key/imopenlines.session.join",
            ),
            (
                "https://your.bitrix24.com/rest/imopenlines.session.join.json",
                "http://127.0.0.1:1/rest/imopenlines.session.join.json",
            ),
            ('"https://your.bitrix24.com/rest/1/abc/"', '"http://127.0.0.1:1/rest/1/key/"'),
            ('{"CHAT_ID":1,"auth":"<access_token>"}', '{"CHAT_ID":1,"auth":"token"}'),
            ("auth=**put_token**&CHAT_ID=1", "auth=token&CHAT_ID=1"),
            ("'auth' => 'abc'", "'auth' => 'token'"),
        ],
    )
    def test_replaced(self, printed: str, run: str) -> None:
        """Placeholders of any wording are known by their place, and replaced."""
        assert run == with_access(printed, ACCESS)

    @pytest.mark.parametrize("code", ["// see https://example.com/rest", "author: 'me'", "oauth=1"])
    def test_the_rest_stays(self, code: str) -> None:
        """What is neither the portal's address nor a token is left as printed."""
        assert code == with_access(code, ACCESS)

    def test_another_address(self) -> None:
        """An address that is not the portal's is found."""
        code = "curl http://127.0.0.1:1/rest/x https://example.com/x"
        assert "https://example.com/x" == elsewhere(code, ["http://127.0.0.1:1"])
