<?php

declare(strict_types=1);

return [
    // texts
    'empty-texts' => fn(): array => Around::refusal(fn(Refusal $refusal): Refusal => $refusal->reworded('')),
    'russian-texts' => fn(): array => Around::refusal(Around::russian(...)),
    'escaped-russian-texts' => fn(): array => Around::refusal(Around::russian(...)) + [
        'json' => fn(Closure $sound, mixed $body): string => json_encode($body, Envelope::JSON & ~JSON_UNESCAPED_UNICODE),
    ],
    'texts-of-the-docs' => fn(): array => Around::refusal(fn(Refusal $refusal): Refusal => $refusal->reworded(match ($refusal->name) {
        'CHAT_ID' => 'The specified chat identifier is incorrect',
        'CHAT_TYPE' => 'The specified chat is not an Open Channel',
        'ACCESS_DENIED' => 'You cannot open this conversation as you do not have sufficient permissions',
        default => $refusal->getMessage(),
    })),
    'long-texts' => fn(): array => Around::refusal(
        fn(Refusal $refusal): Refusal => $refusal->reworded("{$refusal->getMessage()}\n\"Ask\" <b>an administrator</b> & 'try' again \u{1F642}"),
    ),
    'other-system-texts' => fn(): array => Around::refusal(fn(Refusal $refusal): Refusal => $refusal->reworded(match ($refusal->name) {
        'expired_token' => 'The access token provided has expired.',
        'NO_AUTH_FOUND' => 'No authorization data was sent',
        'INVALID_CREDENTIALS' => 'The webhook does not exist',
        'ERROR_METHOD_NOT_FOUND' => 'There is no such method',
        default => $refusal->getMessage(),
    })),

    // json
    'reversed-keys' => function (): array {
        $reverse = function (mixed $value) use (&$reverse): mixed {
            return is_array($value) ? array_map($reverse, array_is_list($value) ? $value : array_reverse($value, true)) : $value;
        };
        return ['json' => fn(Closure $sound, mixed $body): string => $sound($reverse($body))];
    },
    'extra-fields' => fn(): array => [
        'success' => fn(Closure $sound, mixed $result, array $time): array => ['node' => 'b-17', 'warnings' => []] + $sound($result, $time),
        'error' => fn(Closure $sound, Refusal $refusal): array => $sound($refusal) + ['argument' => null, 'node' => 'b-17'],
    ],
    'time-in-refusals' => fn(): array => [
        'error' => fn(Closure $sound, Refusal $refusal): array => $sound($refusal) + ['time' => Envelope::time(microtime(true))],
    ],
    'pretty-json' => fn(): array => [
        'json' => fn(Closure $sound, mixed $body): string => json_encode($body, Envelope::JSON | JSON_PRETTY_PRINT) . "\n",
    ],
    'plain-json' => fn(): array => Around::refusal(
        fn(Refusal $refusal): Refusal => $refusal->reworded("<i>\"{$refusal->getMessage()}\"</i> & so on"),
    ) + [
        'json' => fn(Closure $sound, mixed $body): string => json_encode($body, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE),
    ],
    'everything-escaped' => function (): array {
        $escape = fn(array $found): string => '"' . preg_replace(
            '/..../',
            '\\\\u$0',
            bin2hex(mb_convert_encoding(json_decode($found[0]), 'UTF-16BE', 'UTF-8')),
        ) . '"';
        return ['json' => fn(Closure $sound, mixed $body): string => preg_replace_callback('/"(?:[^"\\\\]|\\\\.)*"/', $escape, $sound($body))];
    },

    // time
    'old-kernel-time' => fn(): array => ['time' => function (Closure $sound, float $started): array {
        $time = $sound($started);
        $duration = $time['finish'] - $started;
        return [...$time, 'start' => $started, 'duration' => $duration, 'processing' => $duration];
    }],
    'operating' => fn(): array => Around::time(
        fn(array $time): array => $time + ['operating_reset_at' => (int) $time['finish'] + 600, 'operating' => 0],
    ),
    'operating-alone' => fn(): array => Around::time(fn(array $time): array => $time + ['operating' => 0.1042]),
    'numbers-with-exponent' => fn(): array => ['json' => fn(Closure $sound, mixed $body): string => preg_replace_callback(
        '/"(start|finish|duration)":([-+.\dE]+)/i',
        fn(array $found): string => sprintf('"%s":%.15E', $found[1], $found[2]),
        $sound($body),
    )],
    'other-time-zone' => fn(): array => Around::time(function (array $time): array {
        $local = fn(string $date): string => (new DateTimeImmutable($date))->setTimezone(new DateTimeZone('+05:30'))->format('c');
        return [...$time, 'date_start' => $local($time['date_start']), 'date_finish' => $local($time['date_finish'])];
    }),
    'whole-floats' => fn(): array => Around::time(fn(array $time): array => [...$time, 'duration' => 0.0, 'processing' => 0.0]) + [
        'json' => fn(Closure $sound, mixed $body): string => json_encode($body, Envelope::JSON | JSON_PRESERVE_ZERO_FRACTION),
    ],

    // headers
    'cloud-headers' => fn(): array => Around::response(function (Response $response): Response {
        $response->headers += [
            'X-Bitrix-Rest-Time' => '0.0000000000',
            'X-Bitrix-Rest-User-Time' => '0.0103450000',
            'X-Bitrix-Rest-System-Time' => '0.0021180000',
        ];
        return $response;
    }),
    'lower-case-headers' => fn(): array => ['wire' => function (Closure $sound, Response $response, Request $request): array {
        [$head, $body] = explode("\r\n\r\n", $sound($response, $request)[0], 2);
        $lower = preg_replace_callback('/^[\w-]+:/m', fn(array $found): string => strtolower($found[0]), $head);
        return ["$lower\r\n\r\n$body"];
    }],
    'session-cookies' => fn(): array => Around::response(function (Response $response): Response {
        // Two of the same name: names of headers differ here by their case only, which HTTP does not see.
        $response->headers += ['Set-Cookie' => 'PHPSESSID=3b1f; path=/; HttpOnly', 'set-cookie' => 'BITRIX_SM_SALE_UID=0; path=/'];
        return $response;
    }),
    'front-server-headers' => fn(): array => Around::response(function (Response $response): Response {
        $response->headers += [
            'Server' => 'nginx/1.26.0',
            'Date' => gmdate('D, d M Y H:i:s') . ' GMT',
            'X-Powered-By' => 'PHP/8.2.27',
            'Vary' => 'Accept-Encoding',
            'Cache-Control' => 'no-store, no-cache, must-revalidate',
            'Strict-Transport-Security' => 'max-age=31536000',
        ];
        return $response;
    }),
    'bare-status-line' => fn(): array => Around::response(function (Response $response): Response {
        $response->withReason = false;
        return $response;
    }),

    // connection
    'connection-close' => fn(): array => Around::response(function (Response $response): Response {
        $response->close = true;
        return $response;
    }),
    'close-after-three' => fn(): array => Around::response(function (Response $response): Response {
        static $answers = 0;
        $response->close = ++$answers % 3 === 0;
        return $response;
    }),
    'http-1-0' => fn(): array => Around::response(function (Response $response): Response {
        $response->close = true;
        return $response;
    }) + ['wire' => fn(Closure $sound, Response $response, Request $request): array => [
        $response->head([], 'HTTP/1.0') . ($request->verb === 'HEAD' ? '' : $response->body),
    ]],
    'chunked' => fn(): array => ['wire' => function (Closure $sound, Response $response, Request $request): array {
        if ($request->version === 'HTTP/1.0' || $request->verb === 'HEAD') {
            return $sound($response, $request);
        }
        $chunks = array_map(fn(string $part): string => dechex(strlen($part)) . ";part=1\r\n$part\r\n", mb_str_split($response->body, 20));
        $head = $response->head(['Transfer-Encoding' => 'chunked', 'Connection' => $response->close ? 'close' : 'keep-alive']);
        return [$head, ...$chunks, "0\r\nX-Checked: yes\r\n\r\n"];
    }],
    'small-pieces' => fn(): array => ['wire' => function (Closure $sound, Response $response, Request $request): Generator {
        foreach (str_split($sound($response, $request)[0], 16) as $piece) {
            usleep(50);
            yield $piece;
        }
    }],
    'slow' => fn(): array => Around::response(function (Response $response): Response {
        usleep(20_000);
        return $response;
    }),
    'throttled' => fn(): array => ['exchange' => function (Closure $sound, Request $request): Response {
        static $requests = 0;
        if (++$requests % 10 !== 0) {
            return $sound($request);
        }
        $body = Envelope::json(['error' => 'QUERY_LIMIT_EXCEEDED', 'error_description' => 'Too many requests']);
        return new Response(503, ['Content-Type' => 'application/json; charset=utf-8'] + Envelope::HEADERS, $body);
    }],

    // status
    'forbidden-for-scope' => fn(): array => Around::refusal(
        fn(Refusal $refusal): Refusal => $refusal->name === 'insufficient_scope' ? $refusal->withStatus(403) : $refusal,
    ),
    'forbidden-for-credentials' => fn(): array => Around::refusal(
        fn(Refusal $refusal): Refusal => $refusal->name === 'INVALID_CREDENTIALS' ? $refusal->withStatus(403) : $refusal,
    ),
    'unknown-token-as-no-auth' => fn(): array => Around::refusal(
        fn(Refusal $refusal): Refusal => $refusal->name === 'invalid_token' ? Refusal::noAuth() : $refusal,
    ),

    // paths
    'html-for-unknown-paths' => fn(): array => [
        'elsewhere' => fn(Closure $sound, Request $request): Response => str_starts_with($request->path(), '/rest/')
            ? $sound($request)
            : Around::page(404, 'Not Found'),
    ],
    'other-verbs-refused' => fn(): array => [
        'exchange' => fn(Closure $sound, Request $request): Response => match ($request->verb) {
            'GET', 'POST' => $sound($request),
            'OPTIONS' => new Response(204, Envelope::HEADERS, ''),
            default => new Response(405, ['Allow' => 'GET, POST, OPTIONS'], ''),
        },
    ],
    'no-participants' => fn(): array => [
        'route' => fn(Closure $sound, string $method): ?Route => $method === Call::PARTICIPANTS ? null : $sound($method),
    ],

    // state
    'participants-late' => function (): array {
        $hidden = [];
        return [
            'store' => function (Closure $sound, Chat $chat, User $user) use (&$hidden): void {
                if (!$chat->has($user)) {
                    $hidden[$chat->id][$user->id] = microtime(true) + 0.3;
                }
                $sound($chat, $user);
            },
            'participants' => function (Closure $sound, Chat $chat) use (&$hidden): array {
                $isShown = fn(int $member): bool => ($hidden[$chat->id][$member] ?? 0.0) < microtime(true);
                return array_values(array_filter($sound($chat), $isShown));
            },
        ];
    },

    // reading
    'plus-json-unread' => fn(): array => Around::bodyUnread(fn(Request $request): bool => $request->hasType('+json')),

    // batch
    'batch-maps-as-objects' => fn(): array => ['json' => function (Closure $sound, mixed $body): string {
        if (isset($body['result']['result_error'])) {
            $body['result'] = array_map(fn(array $map): object => (object) $map, $body['result']);
        }
        return $sound($body);
    }],

    // without
    'minimal' => fn(): array => [
        'route' => fn(Closure $sound, string $method): ?Route => $method === 'batch' ? null : $sound($method),
        'call' => fn(Closure $sound, Call $call): Call => $call->suffix === 'xml' ? $call->asking("$call->typed.xml", $call->parameters) : $call,
        'token' => fn(): ?string => null,
        'success' => fn(Closure $sound, mixed $result): array => ['result' => $result],
    ] + Around::bodyUnread(fn(Request $request): bool => $request->hasType('multipart'))
      + Around::response(function (Response $response): Response {
          unset($response->headers['Access-Control-Allow-Origin'], $response->headers['Access-Control-Allow-Headers']);
          return $response;
      }),
];
