"""The one redaction: no secret survives, and nothing else is touched."""

from __future__ import annotations

import base64
import io
import json
import string
import threading
import timeit
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.redaction import HidingWriter, Redaction
from b24_conformance.secret_forms import forms_of, is_word, piece_size, vocabulary

SECRET = "kq7v2m9x4w1z8t5p"
REDACTION = Redaction({"$B24_WEBHOOK": SECRET})
HERE = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
SECRETS = st.one_of(
    st.text(string.ascii_letters + string.digits, min_size=8, max_size=40),
    st.text(string.ascii_letters + string.digits + "+/=%&\"'\\-_.~ ", min_size=8, max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=20),
).filter(lambda secret: not is_word(secret))
AROUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def escapes(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


def every_byte(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def shares_a_piece(hidden: str, secret: str, *known: str) -> bool:
    """Whether a piece of any form of `secret` is in `hidden`, apart from what is known."""
    return any(
        form[i : i + size] in hidden
        and form[i : i + size].lower() not in vocabulary()
        and len(set(form[i : i + size])) > 2
        and not any(form[i : i + size] in word for word in known)
        for form in forms_of(secret)
        for size in [piece_size(form, secret)]
        for i in range(len(form) - size + 1)
    )


class TestWhole:
    @pytest.mark.parametrize(
        "form",
        [
            SECRET,
            SECRET.upper(),
            every_byte(SECRET),
            every_byte(SECRET).lower(),
            SECRET.encode().hex(),
            SECRET.encode().hex().upper(),
            escapes(SECRET),
            escapes(SECRET).replace("a", "A"),
            base64.b64encode(SECRET.encode()).decode(),
            base64.b64encode(SECRET.encode()).decode().rstrip("="),
            base64.urlsafe_b64encode(SECRET.encode()).decode(),
        ],
    )
    def test_form_becomes_the_label(self, form: str) -> None:
        """Each form of a secret becomes its label, whatever stands around it."""
        assert "<$B24_WEBHOOK> x$B24_WEBHOOKy" == REDACTION.hide(f"<{form}> x{form}y")

    @pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd"])
    def test_base64_at_each_offset(self, before: str) -> None:
        """A secret inside of a longer base64 text is hidden at all three offsets."""
        coded = base64.b64encode(f"{before}{SECRET}:pass".encode()).decode()
        assert "$B24_WEBHOOK" in REDACTION.hide(coded)
        assert not shares_a_piece(REDACTION.hide(coded), SECRET)

    def test_php_slashes(self) -> None:
        """PHP's escaped slash does not hide a secret from the redaction."""
        redaction = Redaction({"$B24_TOKEN": "Zk9/Qw3/Lm7/Xt2"})
        assert '"$B24_TOKEN"' == redaction.hide(r'"Zk9\/Qw3\/Lm7\/Xt2"')
        assert "$B24_TOKEN" == redaction.hide(quote("Zk9/Qw3/Lm7/Xt2", safe=""))

    def test_address_stands_for_its_secret(self) -> None:
        """A webhook's address as a secret hides the secret in it, and not the address."""
        redaction = Redaction({"$B24_WEBHOOK": f"https://portal.example/rest/1/{SECRET}/"})
        hidden = redaction.hide(f"https://portal.example/rest/1/{SECRET}/method")
        assert "https://portal.example/rest/1/$B24_WEBHOOK/method" == hidden

    def test_two_secrets_keep_their_labels(self) -> None:
        """Each of several secrets gets its own label, also side by side."""
        redaction = Redaction({"$B24_WEBHOOK": SECRET, "$B24_TOKEN": "h3n8r6c1j5d0"})
        assert "$B24_TOKEN$B24_WEBHOOK" == redaction.hide(f"h3n8r6c1j5d0{SECRET}")


class TestPieces:
    def test_eight_characters_are_a_piece(self) -> None:
        """A piece of eight characters is hidden, and one of seven is none."""
        assert "x [redacted] y" == REDACTION.hide(f"x {SECRET[3:11]} y")
        assert f"x {SECRET[3:10]} y" == REDACTION.hide(f"x {SECRET[3:10]} y")

    def test_overlapping_pieces_merge(self) -> None:
        """Longer pieces become one mark."""
        assert "x[redacted]y" == REDACTION.hide(f"x{SECRET[1:]}y")

    def test_altered_secret(self) -> None:
        """A secret with its last character altered does not come through."""
        assert "/rest/1/[redacted]!/" == REDACTION.hide(f"/rest/1/{SECRET[:-1]}!/")

    def test_escaped_digits_are_no_piece(self) -> None:
        """Digits of a CHAT_ID that are written as escapes stay, though the secret has them too."""
        chat_id = '"\\u0034\\u0032" %34%32%37'
        assert chat_id == REDACTION.hide(chat_id)

    def test_our_own_words_are_no_piece(self) -> None:
        """A secret that begins with a word of ours does not take the word away."""
        redaction = Redaction({"$B24_TOKEN": "implementationX9"})
        assert "the implementation" == redaction.hide("the implementation")
        assert "the $B24_TOKEN" == redaction.hide("the implementationX9")


class TestWords:
    def test_short_secret_needs_delimiters(self) -> None:
        """A short secret is replaced in a path, a query and quotes, but not in a sentence."""
        redaction = Redaction({"$B24_WEBHOOK": "secret"})
        assert "/rest/1/$B24_WEBHOOK/x" == redaction.hide("/rest/1/secret/x")
        assert 'auth=$B24_WEBHOOK&a="$B24_WEBHOOK"' == redaction.hide('auth=secret&a="secret"')
        assert "%2F$B24_WEBHOOK%2F" == redaction.hide("%2Fsecret%2F")
        assert "Bearer $B24_WEBHOOK" == redaction.hide("Bearer secret")
        for sentence in ("a secret is never echoed", "secretary", "no (secret) here"):
            assert sentence == redaction.hide(sentence)

    def test_word_of_ours_needs_delimiters(self) -> None:
        """A secret that is a word of ours is replaced only where it is delimited."""
        redaction = Redaction({"$B24_TOKEN": "implementation"})
        assert "an implementation of" == redaction.hide("an implementation of")
        assert "?auth=$B24_TOKEN" == redaction.hide("?auth=implementation")

    def test_encoded_word(self) -> None:
        """The base64 of a short secret is long enough to be replaced anywhere."""
        redaction = Redaction({"$B24_WEBHOOK": "secret"})
        assert "x $B24_WEBHOOK y" == redaction.hide("x c2VjcmV0 y")

    def test_empty_secret_is_no_secret(self) -> None:
        """An empty secret hides nothing."""
        assert "a//b" == Redaction({"$B24_TOKEN": ""}).hide("a//b")


class TestProperties:
    @HERE
    @given(secret=SECRETS, around=st.tuples(AROUND, AROUND), data=st.data())
    def test_no_piece_of_any_form_survives(
        self, secret: str, around: tuple[str, str], data: st.DataObject
    ) -> None:
        """No piece of a form survives, whichever part of whichever form is written."""
        form = data.draw(st.sampled_from(sorted(forms_of(secret))))
        start = data.draw(st.integers(0, len(form)))
        end = data.draw(st.integers(start, len(form)))
        for shown in (form, form[start:end]):
            hidden = Redaction({"$B24_WEBHOOK": secret}).hide(around[0] + shown + around[1])
            assert not shares_a_piece(hidden, secret, "$B24_WEBHOOK", "[redacted]")

    @HERE
    @given(secret=SECRETS, text=st.text(max_size=300))
    def test_clean_text_is_unchanged(self, secret: str, text: str) -> None:
        """A text without any piece comes back as it is."""
        folded = {form.lower() for form in forms_of(secret)}
        if not shares_a_piece(text, secret) and not any(f in text.lower() for f in folded):
            assert text == Redaction({"$B24_WEBHOOK": secret}).hide(text)

    @HERE
    @given(
        secrets=st.lists(
            SECRETS | st.text(string.ascii_letters, min_size=1), min_size=1, max_size=3
        ),
        words=st.lists(AROUND | st.sampled_from("/=&\"' "), max_size=6),
        data=st.data(),
    )
    def test_idempotent(self, secrets: list[str], words: list[str], data: st.DataObject) -> None:
        """Hiding what is hidden already changes nothing."""
        pool = sorted({form for secret in secrets for form in forms_of(secret)})
        shown = data.draw(st.lists(st.sampled_from(pool), max_size=4))
        text = "".join(data.draw(st.permutations(words + shown)))
        redaction = Redaction({f"$B24_S{i}": secret for i, secret in enumerate(secrets)})
        assert redaction.hide(text) == redaction.hide(redaction.hide(text))


class TestExchange:
    def test_every_string_is_hidden(self) -> None:
        """Target, headers, bodies, status words and detail of an exchange are hidden."""
        exchange = Exchange(
            7,
            Request("POST", f"/rest/1/{SECRET}/m", (("A", f"Bearer {SECRET}"),), f"a={SECRET}"),
            Response(
                200,
                (("Location", f"/{SECRET}"), (f"X-{SECRET}", "1")),
                json.dumps(SECRET),
                reason=f"OK {SECRET}",
            ),
            detail=f"reset at {SECRET}",
        )
        hidden = REDACTION.hide_exchange(exchange)
        assert (
            Exchange(
                7,
                Request(
                    "POST",
                    "/rest/1/$B24_WEBHOOK/m",
                    (("A", "Bearer $B24_WEBHOOK"),),
                    "a=$B24_WEBHOOK",
                ),
                Response(
                    200,
                    (("Location", "/$B24_WEBHOOK"), ("X-$B24_WEBHOOK", "1")),
                    '"$B24_WEBHOOK"',
                    reason="OK $B24_WEBHOOK",
                ),
                detail="reset at $B24_WEBHOOK",
            )
            == hidden
        )

    def test_without_response(self) -> None:
        """An exchange that broke has no response to hide."""
        broken = Exchange(1, Request("GET", "/"), fault="reset")
        assert broken == REDACTION.hide_exchange(broken)


class TestWriter:
    def test_each_write_is_hidden(self) -> None:
        """What passes the writer has no secret in it, and its length is the text's own."""
        stream = io.StringIO()
        writer = HidingWriter(stream, REDACTION)
        assert len(SECRET) + 5 == writer.write(f"see: {SECRET}")
        print(SECRET, file=writer, flush=True)
        assert "see: $B24_WEBHOOK$B24_WEBHOOK\n" == stream.getvalue()


class TestFace:
    def test_repr_has_no_secret(self) -> None:
        """The repr names labels only, so that a traceback may show it."""
        assert "Redaction($B24_WEBHOOK)" == repr(REDACTION)

    def test_label_must_be_a_variable(self) -> None:
        """A label that no shell could expand is refused."""
        with pytest.raises(ValueError, match="no shell variable"):
            Redaction({"the webhook": SECRET})

    def test_hides_says_whether(self) -> None:
        """`hides` tells a text with a secret from one without."""
        assert REDACTION.hides(SECRET)
        assert not REDACTION.hides("a sentence")

    def test_costs_microseconds(self) -> None:
        """A clean text of 1 kB costs far less than the exchange that it came with."""
        text = (json.dumps({"result": True, "error_description": "no permission " * 70}))[:1000]
        redaction = Redaction({"$B24_WEBHOOK": SECRET, "$B24_TOKEN": SECRET[::-1] * 4})
        best = min(timeit.repeat(lambda: redaction.hide(text), number=200, repeat=5)) / 200
        assert best < 100e-6


class TestNumbers:
    def test_a_time_stamp(self) -> None:
        """Digits that a longer number shares with a secret by chance stay as they are."""
        redaction = Redaction({"$B24_TOKEN": "ab53597391cd7fe0928cc1d3ef"})
        text = '{"operating_reset_at":1753597391,"start":0.5359739112}'
        assert text == redaction.hide(text)

    def test_noughts(self) -> None:
        """A run of noughts in a token is found in a time, and tells nothing of it."""
        redaction = Redaction({"$B24_TOKEN": "f7a1c92e00000000001b0e37c"})
        assert "0.0000000000" == redaction.hide("0.0000000000")
        assert "$B24_TOKEN" == redaction.hide("f7a1c92e00000000001b0e37c")
        assert "[redacted]00" == redaction.hide("c92e00000000")

    def test_a_piece_by_itself(self) -> None:
        """The same digits by themselves are a piece of the secret."""
        redaction = Redaction({"$B24_TOKEN": "ab53597391cd7fe0928cc1d3ef"})
        assert '{"x":"[redacted]"}' == redaction.hide('{"x":"53597391"}')


class TestLearning:
    """Secrets that come up while a run goes on."""

    NEW = "p9w3n6k1c8h5"

    def test_from_now_on(self) -> None:
        """What is learned is hidden from then on, in every form, beside what was known."""
        redaction = Redaction({"$B24_TOKEN": SECRET})
        assert self.NEW == redaction.hide(self.NEW)
        redaction.learn({"$B24_TOKEN": self.NEW, "$B24_REFRESH_TOKEN": "t6r2m9x4v7b1"})
        coded = base64.b64encode(self.NEW.encode()).decode()
        assert "$B24_TOKEN $B24_TOKEN" == redaction.hide(f"{self.NEW} {coded}")
        assert "$B24_TOKEN $B24_REFRESH_TOKEN" == redaction.hide(f"{SECRET} t6r2m9x4v7b1")
        assert ("$B24_REFRESH_TOKEN", "$B24_TOKEN") == redaction.labels

    def test_known_headers(self) -> None:
        """It is hidden in headers, too, that were looked at before."""
        redaction = Redaction({"$B24_TOKEN": SECRET})
        seen = Exchange(1, Request("GET", "/"), Response(200, (("X", self.NEW),)))
        assert seen == redaction.hide_exchange(seen)
        redaction.learn({"$B24_NEW": self.NEW})
        told = redaction.hide_exchange(seen).response
        assert (("X", "$B24_NEW"),) == (told and told.headers)

    def test_label_stays(self) -> None:
        """A known secret keeps the label that it has."""
        redaction = Redaction({"$B24_TOKEN": SECRET})
        redaction.learn({"$B24_OTHER": SECRET})
        assert "$B24_TOKEN" == redaction.hide(SECRET)

    def test_bad_label(self) -> None:
        """A label that no shell could expand is refused here, too."""
        with pytest.raises(ValueError, match="no shell variable"):
            Redaction({}).learn({"the token": SECRET})

    def test_writer(self) -> None:
        """A writer hides what its redaction learns after it was made."""
        stream, redaction = io.StringIO(), Redaction({})
        writer = HidingWriter(stream, redaction)
        redaction.learn({"$B24_TOKEN": self.NEW})
        writer.write(self.NEW)
        assert "$B24_TOKEN" == stream.getvalue()

    def test_teaching(self) -> None:
        """A pupil hides what its teacher knows and whatever the teacher learns, not vice versa."""
        teacher, pupil = (
            Redaction({"$B24_TOKEN": SECRET}),
            Redaction({"$B24_OTHER": "x5c8v2b9n4m7"}),
        )
        teacher.teach(pupil)
        teacher.learn({"$B24_TOKEN": self.NEW})
        assert "$B24_TOKEN $B24_TOKEN" == pupil.hide(f"{SECRET} {self.NEW}")
        assert "x5c8v2b9n4m7" == teacher.hide("x5c8v2b9n4m7")

    def test_teaching_each_other(self) -> None:
        """Two that teach each other come to an end."""
        one, two = Redaction({"$B24_TOKEN": SECRET}), Redaction({})
        one.teach(two)
        two.teach(one)
        two.learn({"$B24_TOKEN": self.NEW})
        assert "$B24_TOKEN" == one.hide(self.NEW)

    def test_threads(self) -> None:
        """While one thread learns, others hide all that was learned before they began."""
        teacher, pupil = Redaction({"$B24_TOKEN": SECRET}), Redaction({})
        teacher.teach(pupil)
        learned: list[str] = [SECRET]
        leaks: list[str] = []
        done = threading.Event()

        def hide() -> None:
            while not done.is_set():
                text = " ".join(learned)
                leaks.extend(secret for secret in text.split() if secret in pupil.hide(text))

        threads = [threading.Thread(target=hide) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(6):
            secret = base64.b32encode(f"secret {number:04}".encode()).decode().lower().strip("=")
            teacher.learn({"$B24_TOKEN": secret})
            learned.append(secret)
        done.set()
        for thread in threads:
            thread.join()
        assert (7, []) == (len(learned), leaks)
