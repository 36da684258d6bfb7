<?php

declare(strict_types=1);

return [
    // way of asking
    'json-unread' => fn(): array => Around::bodyUnread(fn(Request $request): bool => $request->hasType('json')),
    'form-unread' => fn(): array => Around::bodyUnread(fn(Request $request): bool => $request->hasType('x-www-form-urlencoded')),
    'get-refused' => fn(): array => [
        'exchange' => fn(Closure $sound, Request $request): Response => $request->verb === 'GET'
            ? new Response(405, ['Content-Type' => 'application/json; charset=utf-8', 'Allow' => 'POST'], '{"message":"Method Not Allowed"}')
            : $sound($request),
    ],
    'json-charset-unread' => fn(): array => Around::bodyUnread(
        fn(Request $request): bool => $request->hasType('json') && $request->hasType('charset'),
    ),
    'query-ignored-on-post' => fn(): array => [
        'parameters' => fn(Closure $sound, Request $request): array => $sound($request->verb === 'POST' ? $request->withoutQuery() : $request),
    ],
    'suffix-unknown' => fn(): array => Around::unknown(fn(Call $call): bool => $call->suffix === 'json'),
    'method-case-matters' => fn(): array => Around::unknown(fn(Call $call): bool => $call->typed !== $call->method()),
    'multipart-unread' => fn(): array => Around::bodyUnread(fn(Request $request): bool => $request->hasType('multipart')),
    'url-beats-body' => fn(): array => [
        'parameters' => fn(Closure $sound, Request $request): array => array_replace($sound($request), Reading::form($request->query())),
    ],
    'key-in-any-case' => fn(): array => ['parameters' => function (Closure $sound, Request $request): array {
        $parameters = $sound($request);
        foreach ($parameters as $key => $value) {
            if (strtolower(str_replace('_', '', (string) $key)) === 'chatid') {
                $parameters += ['CHAT_ID' => $value];
            }
        }
        return $parameters;
    }],
    'bad-json-named' => fn(): array => ['lookup' => function (Closure $sound, Call $call): Route {
        $request = $call->request;
        if ($request->hasType('json') && $request->body !== '' && json_decode($request->body) === null && json_last_error() !== JSON_ERROR_NONE) {
            throw new Refusal('INVALID_REQUEST', 'The body is not valid JSON');
        }
        return $sound($call);
    }],
    'xml-suffix-ignored' => fn(): array => ['call' => fn(Closure $sound, Call $call): Call => $call->suffixed('')],

    // access
    'permission-unchecked' => fn(): array => Around::lastWord(
        fn(Refusal $refusal, int $id, User $user, World $world): Chat => $refusal->name === 'ACCESS_DENIED' ? $world->chats[$id] : throw $refusal,
    ),
    'secret-unchecked' => fn(): array => ['secret' => fn(): bool => true],
    'scope-unchecked' => fn(): array => ['scope' => function (): void {
    }],
    'no-credentials-needed' => fn(): array => ['identify' => function (Closure $sound, Call $call, World $world): Caller {
        try {
            return $sound($call);
        } catch (Refusal $refusal) {
            return $refusal->name === 'NO_AUTH_FOUND' ? new Caller($world->first(), 'webhook') : throw $refusal;
        }
    }],
    'expired-token-accepted' => fn(): array => [
        'holder' => fn(Closure $sound, string $token, World $world): User => $world->withExpiredToken($token) ?? $sound($token),
    ],
    'token-unchecked' => fn(): array => [
        'holder' => fn(Closure $sound, string $token, World $world): User => $world->withToken($token) ?? $world->first(),
    ],
    'caller-ignored' => fn(): array => [
        'decide' => fn(Closure $sound, User $user, int $id, World $world): Chat => $sound($world->first(), $id),
        'store' => fn(Closure $sound, Chat $chat, User $user, World $world) => $sound($chat, $world->first()),
    ],
    'secret-of-anybody' => fn(): array => [
        'secret' => fn(Closure $sound, string $secret, User $user, World $world): bool => in_array(
            $secret,
            array_map(fn(User $owner): string => $owner->secret, $world->users),
            true,
        ),
    ],
    'secret-in-any-case' => fn(): array => [
        'secret' => fn(Closure $sound, string $secret, User $user): bool => strcasecmp($secret, $user->secret) === 0,
    ],
    'batch-without-credentials' => fn(): array => ['identify' => function (Closure $sound, Call $call, World $world): Caller {
        try {
            return $sound($call);
        } catch (Refusal $refusal) {
            return $call->method() === 'batch' ? new Caller($world->first(), 'webhook') : throw $refusal;
        }
    }],
    'address-echoed' => fn(): array => Around::refusal(
        fn(Refusal $refusal, Call $call): Refusal => $refusal->name === 'ERROR_METHOD_NOT_FOUND'
            ? $refusal->reworded("Method not found! {$call->request->target}")
            : $refusal,
    ),
    'token-echoed' => fn(): array => Around::refusal(function (Refusal $refusal, Call $call): Refusal {
        $token = $call->parameters['auth'] ?? $call->parameters['access_token'] ?? $call->request->header('authorization');
        return in_array($refusal->name, ['expired_token', 'invalid_token'], true)
            ? $refusal->reworded("{$refusal->getMessage()}: $token")
            : $refusal;
    }),
];
