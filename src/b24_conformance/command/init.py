"""`b24-conformance init`: writes a commented configuration."""

from __future__ import annotations

from pathlib import Path

import click

from b24_conformance.command.discover import new_file
from b24_conformance.config import DEFAULT_FILE


@click.command()
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_FILE),
    show_default=True,
    help="The new file.",
)
def init(path: Path) -> int:
    """Writes a commented configuration; never over a file that is there."""
    new_file(path, TEMPLATE)
    click.echo(f"written: {path}")
    click.echo("next: export B24_WEBHOOK=https://example.bitrix24.com/rest/1/SECRET/")
    click.echo("      b24-conformance doctor")
    return 0


TEMPLATE = """\
# Configuration of b24-conformance. Secrets stay in the environment: { env = "NAME" }.
# Настройки b24-conformance. Секреты остаются в переменных окружения.

[portal]
# true: a join hurts nobody here (an emulator, a fake, a test portal); declarations are trusted.
# true — вступление никому не мешает (эмулятор, тестовый портал).
stand_in = false
# Features that it does not have, such as "xml", "multipart", "batch", "cors", "throttle".
# Чего портал не умеет.
without = []
# An authority for its TLS certificate, beside the system's. Verification is never switched off.
# Свой удостоверяющий центр для TLS.
# ca_file = "ca.pem"

[operator]
# Whose credentials a call uses: an inbound webhook with the scopes imopenlines and im.
# Входящий вебхук с правами imopenlines и im: https://example.bitrix24.com/rest/1/SECRET/
# Any secret may also come from { file = "PATH" } (mode 600) or { command = "…" }.
webhook = { env = "B24_WEBHOOK" }
# An OAuth token opens the OAuth clauses; without a webhook it needs the address, too.
# Токен OAuth открывает пункты об OAuth; без вебхука нужен и адрес.
# access_token = { env = "B24_TOKEN" }
# address = "https://example.bitrix24.com"
# To renew that token when it expires; new tokens need a place: a file or a command.
# Чтобы обновлять токен; новые токены нужно где-то хранить: файл или команда.
# refresh_token = { env = "B24_REFRESH_TOKEN" }
# client_id = { env = "B24_CLIENT_ID" }
# client_secret = { env = "B24_CLIENT_SECRET" }
# token_store = "tokens.json"
# token_command = "keep-tokens"
# oauth_server = "https://oauth.bitrix.info"
# The user's id, where the webhook does not tell it. / Номер пользователя, если его нет в вебхуке.
# user_id = 1

# What the contract demands of each chat, for this operator; `b24-conformance discover` proposes.
# Чего договор требует от каждого чата; предложит `b24-conformance discover`.
[operator.chats]
# Open line, may join -> true. Colleagues would see the join; only --joins new does it.
# Открытая линия, вступить можно; вступление увидят коллеги.
joinable = []
# Open line, already a member -> true. / Открытая линия, оператор уже в чате.
joined = []
# Open line, may not join -> ACCESS_DENIED. / Открытая линия, вступить нельзя.
access_denied = []
# Another kind of chat, the operator is a member -> CHAT_TYPE. / Не открытая линия.
not_open_line = []
# No such chat -> CHAT_ID. Take an id far above all in use. / Такого чата нет.
absent = [999999999]

# A second operator of the same portal, with the same keys. / Второй сотрудник того же портала.
# [colleague]
# webhook = { env = "B24_COLLEAGUE_WEBHOOK" }
# [colleague.chats]
# joinable = []

# Further credentials, each opens the clauses that need it. / Дополнительные ключи.
[credentials]
# A webhook that works, but lacks the scope imopenlines. / Вебхук без права imopenlines.
# without_scope = { env = "B24_WITHOUT_SCOPE" }
# An access token that has expired; needs [operator] access_token. / Просроченный токен.
# expired_token = { env = "B24_EXPIRED_TOKEN" }

[clients]
# What no registry serves, by its path. / То, чего нет в реестрах пакетов: путь к файлу.
# crest = "vendor/crest.php"
# b24phpsdk = "vendor/autoload.php"
# bx24js = "vendor/bx24.js"
# b24gosdk = "vendor/b24gosdk"

# Defaults for the options of `run`. / Умолчания для `run`.
[run]
# How far joins may go: none, refused, repeat or new. / Как далеко можно вступать.
joins = "none"
# Requests a second. / Запросов в секунду.
rate = "1/s"
# Where reports land. / Куда писать отчёты.
reports = "reports"
# Seconds for one answer. / Секунд на один ответ.
timeout = 30
# Only these clauses; clauses that the verdict needs. / Только эти пункты; обязательные пункты.
# clause = ["refusal.*"]
# require = ["refusal.*"]
# Same seed, same requests. / То же число — те же запросы.
seed = 0
# No more requests than this. / Не больше стольких запросов.
# max_requests = 500
# true: a failed SHOULD is nonconformant, too. / true — строже.
strict = false
# true: the operator stays in chats that the run joined. / true — остаться в чатах.
stay = false
# true: also use chats that are offered to the operator or his, or with a bot.
# / true — и чаты, предложенные оператору, его собственные или с ботом.
despite_warnings = false
"""
