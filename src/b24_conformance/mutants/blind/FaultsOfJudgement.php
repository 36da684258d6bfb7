<?php

declare(strict_types=1);

return [
    // order of checks
    'membership-before-type' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat, User $user): ?Refusal => $chat?->isOpenLine() === false && !$chat->has($user) ? Refusal::accessDenied() : null,
    ),
    'member-needs-permission' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat, User $user): ?Refusal => $chat?->isOpenLine() && !$chat->admits($user) ? Refusal::accessDenied() : null,
    ),
    'member-skips-type' => fn(): array => Around::lastWord(
        fn(Refusal $refusal, int $id, User $user, World $world): Chat => ($world->chats[$id] ?? null)?->has($user)
            ? $world->chats[$id]
            : throw $refusal,
    ),
    'access-before-existence' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat): ?Refusal => $id > 0 && $chat === null ? Refusal::accessDenied() : null,
    ),
    'type-before-existence' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat): ?Refusal => $id > 0 && $chat === null ? Refusal::chatType() : null,
    ),
    'chat-id-before-credentials' => fn(): array => Around::badCredentials(
        fn(Refusal $refusal, Call $call): ?Refusal => intval($call->parameters['CHAT_ID'] ?? null) <= 0 ? Refusal::chatId() : null,
    ),
    'credentials-before-method' => fn(): array => ['lookup' => function (Closure $sound, Call $call, Access $access): Route {
        $access->identify($call);
        return $sound($call);
    }],
    'chat-id-before-scope' => fn(): array => Around::missingScope(
        fn(Call $call): ?Refusal => intval($call->parameters['CHAT_ID'] ?? null) <= 0 ? Refusal::chatId() : null,
    ),
    'scope-after-type' => fn(): array => Around::missingScope(function (Call $call, World $world): ?Refusal {
        $chat = $world->chats[intval($call->parameters['CHAT_ID'] ?? null)] ?? null;
        return $chat === null ? Refusal::chatId() : ($chat->isOpenLine() ? null : Refusal::chatType());
    }),
    'scope-before-secret' => fn(): array => Around::badCredentials(function (Refusal $refusal, Call $call, World $world): ?Refusal {
        $user = is_string($call->login) ? $world->named($call->login) : null;
        return $user === null || in_array('imopenlines', $user->scopes, true) ? null : Refusal::insufficientScope('webhook');
    }),
    'chat-id-before-expiry' => fn(): array => Around::badCredentials(
        fn(Refusal $refusal, Call $call): ?Refusal => $refusal->name === 'expired_token' && intval($call->parameters['CHAT_ID'] ?? null) <= 0
            ? Refusal::chatId()
            : null,
    ),
    'access-before-chat-id' => fn(): array => Around::firstCheck(fn(int $id): ?Refusal => $id <= 0 ? Refusal::accessDenied() : null),

    // reading of CHAT_ID
    'numeric-only' => fn(): array => Around::chatId(
        fn(mixed $sent, Closure $sound): int => is_string($sent) && !is_numeric($sent) ? 0 : $sound($sent),
    ),
    'json-strings-refused' => fn(): array => ['body' => function (Closure $sound, Request $request): array {
        $values = $sound($request);
        return $request->hasType('json') && is_string($values['CHAT_ID'] ?? null) ? ['CHAT_ID' => 0] + $values : $values;
    }],
    'arrays-crash' => fn(): array => Around::crash(is_array(...), fn(): Response => Around::page(500, 'Internal Server Error')),
    'int32-only' => fn(): array => Around::chatId(fn(mixed $sent, Closure $sound): int => $sound($sent) > 2147483647 ? 0 : $sound($sent)),
    'wrapped-to-32-bits' => fn(): array => Around::chatId(fn(mixed $sent, Closure $sound): int => unpack('l', pack('l', $sound($sent)))[1]),
    'rounded' => fn(): array => Around::chatId(
        fn(mixed $sent, Closure $sound): int => is_numeric($sent) && preg_match('/\.\d+\s*$/', (string) $sent)
            ? (int) round((float) $sent)
            : $sound($sent),
    ),
    'absolute-value' => fn(): array => Around::chatId(fn(mixed $sent, Closure $sound): int => (int) abs($sound($sent))),
    'digits-picked-out' => fn(): array => Around::chatId(
        fn(mixed $sent, Closure $sound): int => $sound(is_scalar($sent) ? preg_replace('/\D/', '', (string) $sent) : $sent),
    ),
    'first-of-array' => fn(): array => Around::chatId(
        fn(mixed $sent, Closure $sound): int => $sound(is_array($sent) && $sent !== [] ? reset($sent) : $sent),
    ),
    'base-guessed' => fn(): array => Around::chatId(
        fn(mixed $sent, Closure $sound): int => is_string($sent) && preg_match('/^\s*[+-]?0/', $sent) ? intval($sent, 0) : $sound($sent),
    ),
    'digits-of-any-script' => function (): array {
        // The digits of a script stand in a row, so the distance to what is before them is the value.
        $value = function (string $digit): string {
            $first = mb_ord($digit);
            while (preg_match('/^\p{Nd}$/u', mb_chr($first - 1))) {
                $first--;
            }
            return (string) ((mb_ord($digit) - $first) % 10);
        };
        return Around::chatId(fn(mixed $sent, Closure $sound): int => $sound(
            is_string($sent) ? preg_replace_callback('/\p{Nd}/u', fn(array $found): string => $value($found[0]), $sent) : $sent,
        ));
    },
    'exponent-cut' => fn(): array => Around::chatId(
        fn(mixed $sent, Closure $sound): int => $sound(is_string($sent) ? preg_replace('/e.*$/is', '', $sent) : $sent),
    ),

    // state
    'not-stored' => fn(): array => ['store' => function (): void {
    }],
    'second-join-refused' => function (): array {
        $joined = [];
        return Around::firstCheck(function (int $id, ?Chat $chat, User $user) use (&$joined): ?Refusal {
            return isset($joined["$user->id/$id"]) ? new Refusal('ALREADY_JOINED', 'The user is in this chat already.') : null;
        }) + ['store' => function (Closure $sound, Chat $chat, User $user) use (&$joined): void {
            $joined["$user->id/$chat->id"] = true;
            $sound($chat, $user);
        }];
    },
    'stored-on-refusal' => fn(): array => Around::lastWord(function (Refusal $refusal, int $id, User $user, World $world): never {
        if ($refusal->name === 'ACCESS_DENIED') {
            $world->chats[$id]->members[] = $user->id;
        }
        throw $refusal;
    }),
    'absent-chat-created' => fn(): array => Around::lastWord(function (Refusal $refusal, int $id, User $user, World $world): never {
        if ($id > 0) {
            $world->chats[$id] ??= new Chat($id, 'open_line', [$user->id], []);
        }
        throw $refusal;
    }),
    'open-for-colleagues' => function (): array {
        $open = [];
        return Around::lastWord(function (Refusal $refusal, int $id, User $user, World $world) use (&$open): Chat {
            return $refusal->name === 'ACCESS_DENIED' && isset($open[$id]) ? $world->chats[$id] : throw $refusal;
        }) + ['store' => function (Closure $sound, Chat $chat, User $user) use (&$open): void {
            $open[$chat->id] = true;
            $sound($chat, $user);
        }];
    },
    'taken-for-colleagues' => function (): array {
        $takenBy = [];
        return Around::firstCheck(function (int $id, ?Chat $chat, User $user) use (&$takenBy): ?Refusal {
            return isset($takenBy[$id]) && $takenBy[$id] !== $user->id && !$chat->has($user) ? Refusal::accessDenied() : null;
        }) + ['store' => function (Closure $sound, Chat $chat, User $user) use (&$takenBy): void {
            $takenBy[$chat->id] ??= $user->id;
            $sound($chat, $user);
        }];
    },
    'one-join-opens-all' => function (): array {
        $trusted = [];
        return Around::lastWord(function (Refusal $refusal, int $id, User $user, World $world) use (&$trusted): Chat {
            return $refusal->name === 'ACCESS_DENIED' && isset($trusted[$user->id]) ? $world->chats[$id] : throw $refusal;
        }) + ['store' => function (Closure $sound, Chat $chat, User $user) use (&$trusted): void {
            $trusted[$user->id] = true;
            $sound($chat, $user);
        }];
    },
    'refusal-blocks' => fn(): array => ['decide' => function (Closure $sound, User $user, int $id, World $world): Chat {
        static $blocked = [];
        $chat = $world->chats[$id] ?? null;
        if (isset($blocked[$user->id]) && $chat?->isOpenLine() && !$chat->has($user)) {
            throw Refusal::accessDenied();
        }
        try {
            return $sound($user, $id);
        } catch (Refusal $refusal) {
            if ($refusal->name === 'ACCESS_DENIED') {
                $blocked[$user->id] = true;
            }
            throw $refusal;
        }
    }],
    'refusal-changes' => fn(): array => Around::lastWord(function (Refusal $refusal, int $id): never {
        static $missed = [];
        if ($refusal->name !== 'CHAT_ID' || $id <= 0) {
            throw $refusal;
        }
        $seen = isset($missed[$id]);
        $missed[$id] = true;
        throw $seen ? Refusal::accessDenied() : $refusal;
    }),
    'members-replaced' => fn(): array => ['store' => function (Closure $sound, Chat $chat, User $user): void {
        $chat->members = [$user->id];
    }],
    'member-twice' => fn(): array => ['store' => function (Closure $sound, Chat $chat, User $user): void {
        $chat->members[] = $user->id;
    }],
    'wrong-member-stored' => fn(): array => [
        'store' => fn(Closure $sound, Chat $chat, User $user, World $world) => $sound($chat, $world->first()),
    ],
];
