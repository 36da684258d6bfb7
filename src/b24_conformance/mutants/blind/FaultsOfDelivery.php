<?php

declare(strict_types=1);

return [
    // time and transport
    'html-content-type' => fn(): array => Around::response(function (Response $response): Response {
        $response->headers['Content-Type'] = 'text/html; charset=UTF-8';
        return $response;
    }),
    'warning-before-json' => function (): array {
        $warnings = '';
        return [
            'decide' => function (Closure $sound, User $user, int $id, World $world, Call $call) use (&$warnings): Chat {
                if (!array_key_exists('CHAT_ID', $call->parameters)) {
                    $warnings = "<br />\n<b>Warning</b>:  Undefined array key \"CHAT_ID\" in <b>/app/join.php</b> on line <b>17</b><br />\n";
                }
                return $sound($user, $id);
            },
            'exchange' => function (Closure $sound, Request $request) use (&$warnings): Response {
                $warnings = '';
                $response = $sound($request);
                $response->body = $warnings . $response->body;
                return $response;
            },
        ];
    },
    'byte-order-mark' => fn(): array => Around::response(function (Response $response): Response {
        $response->body = "\u{FEFF}$response->body";
        return $response;
    }),
    'length-in-characters' => fn(): array => Around::refusal(Around::russian(...))
        + Around::response(function (Response $response): Response {
            $response->body = substr($response->body, 0, mb_strlen($response->body));
            return $response;
        }),
    'every-seventh-fails' => fn(): array => ['exchange' => function (Closure $sound, Request $request): Response {
        static $calls = 0;
        $calls += (int) str_contains(strtolower($request->path()), Call::JOIN);
        if ($calls === 7) {
            $calls = 0;
            return Around::page(500, 'Internal Server Error');
        }
        return $sound($request);
    }],
    'cached-by-address' => fn(): array => ['exchange' => function (Closure $sound, Request $request): Response {
        static $kept = [];
        [$response, $until] = $kept[$request->target] ?? [null, 0.0];
        if ($until < microtime(true)) {
            $response = $sound($request);
            if (str_contains(strtolower($request->path()), Call::JOIN)) {
                $kept[$request->target] = [$response, microtime(true) + 2.0];
            }
        }
        return clone $response;
    }],
    'no-cors' => fn(): array => Around::response(function (Response $response): Response {
        unset($response->headers['Access-Control-Allow-Origin']);
        return $response;
    }),
    'closed-on-text' => fn(): array => Around::crash(
        fn(mixed $sent): bool => is_string($sent) && $sent !== '' && !preg_match('/\p{Nd}/u', $sent),
        fn(): ?Response => null,
    ),
    'cp1251-texts' => fn(): array => Around::refusal(Around::russian(...))
        + Around::response(function (Response $response): Response {
            $response->body = mb_convert_encoding($response->body, 'Windows-1251', 'UTF-8');
            return $response;
        }),
    'milliseconds' => fn(): array => Around::time(
        fn(array $time): array => [...$time, 'start' => $time['start'] * 1000, 'finish' => $time['finish'] * 1000],
    ),
    'negative-duration' => fn(): array => Around::time(fn(array $time): array => [...$time, 'duration' => $time['start'] - $time['finish']]),
    'emoji-crash' => fn(): array => Around::crash(
        fn(mixed $sent): bool => is_string($sent) && preg_match('/[\x{10000}-\x{10FFFF}]/u', $sent) === 1,
        fn(): Response => Around::page(500, 'Internal Server Error'),
    ),

    // batch
    'no-batch' => fn(): array => Around::unknown(fn(Call $call): bool => $call->method() === 'batch'),
    'flat-batch' => fn(): array => Around::batchMaps(fn(array $maps): array => $maps['result'] + $maps['result_error']),
    'one-error-fails-all' => fn(): array => Around::batchMaps(function (array $maps): array {
        $error = reset($maps['result_error']);
        return $error === false ? $maps : throw new Refusal($error['error'], $error['error_description']);
    }),
    'halt-ignored' => fn(): array => ['halt' => fn(): bool => false],
    'always-halts' => fn(): array => ['halt' => fn(): bool => true],
    'errors-dropped' => fn(): array => Around::batchMaps(fn(array $maps): array => [...$maps, 'result_error' => []]),
    'keys-renumbered' => fn(): array => Around::batchMaps(fn(array $maps): array => array_map(array_values(...), $maps)),
    'errors-as-codes' => fn(): array => Around::batchMaps(fn(array $maps): array => [
        ...$maps,
        'result_error' => array_map(fn(array $error): string => $error['error'], $maps['result_error']),
    ]),
    'numbers-for-true' => fn(): array => Around::batchMaps(fn(array $maps): array => [
        ...$maps,
        'result' => array_map(fn(mixed $result): mixed => $result === true ? 1 : $result, $maps['result']),
    ]),
    'batch-scope-unchecked' => fn(): array => ['command scope' => function (): void {
    }],
    'fifty-first-runs' => fn(): array => ['length' => function (): void {
    }],
    'command-undecoded' => fn(): array => ['command query' => function (Closure $sound, string $query): array {
        $pairs = array_map(fn(string $pair): array => explode('=', $pair, 2) + [1 => ''], explode('&', $query));
        return array_column($pairs, 1, 0);
    }],
];
