<?php

declare(strict_types=1);

return [
    // value
    'true-as-string' => fn(): array => Around::answer('true'),
    'one-for-true' => fn(): array => Around::answer(1),
    'success-object' => fn(): array => Around::answer(['success' => true]),
    'null-result' => fn(): array => Around::answer(null),
    'chat-id-as-result' => fn(): array => ['join' => function (Closure $sound, Caller $caller, Call $call): int {
        $sound($caller, $call);
        return intval($call->parameters['CHAT_ID']);
    }],
    'false-on-refusal' => fn(): array => ['join' => function (Closure $sound, Caller $caller, Call $call): bool {
        try {
            return $sound($caller, $call);
        } catch (Refusal $refusal) {
            return $refusal->name === 'ACCESS_DENIED' ? false : throw $refusal;
        }
    }],
    'yes-letter' => fn(): array => Around::answer('Y'),
    'result-in-result' => fn(): array => Around::answer(['result' => true]),
    'false-for-member' => fn(): array => Around::added(fn(bool $added): bool => $added),
    'rows-added' => fn(): array => Around::added(fn(bool $added): int => (int) $added),
    'null-for-get' => fn(): array => ['join' => function (Closure $sound, Caller $caller, Call $call): ?bool {
        $result = $sound($caller, $call);
        return $call->request->verb === 'GET' ? null : $result;
    }],
    'xml-true-as-word' => fn(): array => [
        'xml' => fn(Closure $sound, mixed $body): string => str_replace('<result>1</result>', '<result>true</result>', $sound($body)),
    ],

    // envelope
    'bare-true' => fn(): array => [
        'success' => fn(Closure $sound, mixed $result, array $time, Call $call): mixed => $call->isJoin() ? $result : $sound($result, $time),
    ],
    'no-time' => fn(): array => ['success' => fn(Closure $sound, mixed $result): array => ['result' => $result]],
    'data-for-result' => fn(): array => [
        'success' => fn(Closure $sound, mixed $result, array $time): array => ['data' => $result, 'time' => $time],
    ],
    'error-without-description' => fn(): array => ['error' => fn(Closure $sound, Refusal $refusal): array => ['error' => $refusal->name]],
    'error-as-object' => fn(): array => [
        'error' => fn(Closure $sound, Refusal $refusal): array => ['error' => ['code' => $refusal->name, 'message' => $refusal->getMessage()]],
    ],
    'refusal-with-200' => fn(): array => Around::methodRefusal(fn(Refusal $refusal): Refusal => $refusal->withStatus(200)),
    'denied-with-403' => fn(): array => Around::methodRefusal(
        fn(Refusal $refusal): Refusal => $refusal->name === 'ACCESS_DENIED' ? $refusal->withStatus(403) : $refusal,
    ),
    'absent-with-404' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat): ?Refusal => $id > 0 && $chat === null ? Refusal::chatId()->withStatus(404) : null,
    ),
    'result-beside-error' => fn(): array => [
        'error' => fn(Closure $sound, Refusal $refusal): array => ['result' => false] + $sound($refusal),
    ],
    'time-in-strings' => fn(): array => Around::time(fn(array $time): array => array_map(strval(...), $time)),
    'dates-without-offset' => fn(): array => Around::time(fn(array $time): array => [
        ...$time,
        'date_start' => substr($time['date_start'], 0, 19),
        'date_finish' => substr($time['date_finish'], 0, 19),
    ]),
    'xml-refusal-in-json' => fn(): array => [
        'xml' => fn(Closure $sound, mixed $body): string => isset($body['error']) ? Envelope::json($body) : $sound($body),
    ] + Around::response(function (Response $response): Response {
        if ($response->status !== 200) {
            $response->headers['Content-Type'] = 'application/json; charset=utf-8';
        }
        return $response;
    }),

    // error code
    'one-code-for-all' => fn(): array => Around::methodRefusal(fn(Refusal $refusal): Refusal => $refusal->renamed('ERROR_CORE')),
    'lower-case-codes' => fn(): array => Around::methodRefusal(fn(Refusal $refusal): Refusal => $refusal->renamed(strtolower($refusal->name))),
    'error-prefix' => fn(): array => Around::methodRefusal(fn(Refusal $refusal): Refusal => $refusal->renamed("ERROR_$refusal->name")),
    'chat-not-found' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat): ?Refusal => $id > 0 && $chat === null ? Refusal::chatId()->renamed('CHAT_NOT_FOUND') : null,
    ),
    'access-error' => fn(): array => Around::methodRefusal(
        fn(Refusal $refusal): Refusal => $refusal->name === 'ACCESS_DENIED' ? $refusal->renamed('ACCESS_ERROR') : $refusal,
    ),
    'type-and-access-swapped' => fn(): array => Around::methodRefusal(fn(Refusal $refusal): Refusal => match ($refusal->name) {
        'CHAT_TYPE' => Refusal::accessDenied(),
        'ACCESS_DENIED' => Refusal::chatType(),
        default => $refusal,
    }),
    'status-as-code' => fn(): array => [
        'error' => fn(Closure $sound, Refusal $refusal): array => ['error' => $refusal->status] + $sound($refusal),
    ],
    'code-in-description' => fn(): array => [
        'error' => fn(Closure $sound, Refusal $refusal): array => ['error' => $refusal->getMessage(), 'error_description' => $refusal->name],
    ],
    'empty-id-has-own-code' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat, User $user, Call $call): ?Refusal => ($call->parameters['CHAT_ID'] ?? '') === ''
            ? Refusal::chatId()->renamed('CHAT_ID_EMPTY')
            : null,
    ),
    'argument-error-below-zero' => fn(): array => Around::firstCheck(
        fn(int $id): ?Refusal => $id < 0 ? Refusal::chatId()->renamed('ERROR_ARGUMENT') : null,
    ),
    'private-chat-denied' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat): ?Refusal => $chat?->kind === 'private' ? Refusal::accessDenied() : null,
    ),
    'channel-not-a-chat' => fn(): array => Around::firstCheck(
        fn(int $id, ?Chat $chat): ?Refusal => $chat?->kind === 'channel' ? Refusal::chatId() : null,
    ),
];
