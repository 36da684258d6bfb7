<?php

declare(strict_types=1);

/** What a request asks for, as PHP and the kernel read it. */
final class Call
{
    public const JOIN = 'imopenlines.session.join';
    public const PARTICIPANTS = 'im.chat.user.list';

    /** @param array<array-key, mixed> $parameters */
    public function __construct(
        public readonly Request $request,
        public readonly string $typed,
        public readonly string $suffix,
        public readonly array $parameters,
        public readonly mixed $login,
        public readonly mixed $secret,
    ) {
    }

    public function method(): string
    {
        return strtolower($this->typed);
    }

    public function isJoin(): bool
    {
        return $this->method() === self::JOIN;
    }

    /** @param array<array-key, mixed> $parameters */
    public function asking(string $method, array $parameters): self
    {
        return new self($this->request, $method, '', $parameters, $this->login, $this->secret);
    }

    public function suffixed(string $suffix): self
    {
        return new self($this->request, $this->typed, $suffix, $this->parameters, $this->login, $this->secret);
    }
}

final class Reading
{
    public function __construct(private readonly Hooks $hooks)
    {
    }

    /** Null for an address that is none of a portal's. */
    public function call(Request $request): ?Call
    {
        $address = '#^/rest/(?:(?<login>[^/]+)/(?<secret>[^/]+)/)?(?<method>[^/]+?)(?:\.(?<suffix>json|xml))?/?$#iD';
        if (!preg_match($address, $request->path(), $part, PREG_UNMATCHED_AS_NULL)) {
            return null;
        }
        $parameters = $this->hooks->run('parameters', $this->parameters(...), $request);
        return new Call(
            $request,
            $part['method'],
            strtolower($part['suffix'] ?? ''),
            $parameters,
            $part['login'] ?? $parameters['aplogin'] ?? null,
            $part['secret'] ?? $parameters['ap'] ?? null,
        );
    }

    /**
     * PHP's intval() and nothing else: what it makes of arrays, fractions and trailing text is part of the method.
     *
     * @param array<array-key, mixed> $parameters
     */
    public function chatId(array $parameters): int
    {
        return $this->hooks->run('chat id', intval(...), $parameters['CHAT_ID'] ?? null);
    }

    /** @return array<array-key, mixed> */
    public static function form(string $text): array
    {
        parse_str($text, $values);
        return $values;
    }

    /** @return array<array-key, mixed> */
    private function parameters(Request $request): array
    {
        return array_replace(self::form($request->query()), $this->hooks->run('body', $this->body(...), $request));
    }

    /** @return array<array-key, mixed> */
    private function body(Request $request): array
    {
        if ($request->verb !== 'POST') {
            return [];
        }
        return match (true) {
            $request->hasType('application/json'), $request->hasType('+json') => $this->json($request->body),
            $request->hasType('multipart/form-data') => $this->multipart($request),
            default => self::form($request->body),
        };
    }

    /**
     * What is no JSON object or array counts as no body; the kernel has no error for it.
     *
     * @return array<array-key, mixed>
     */
    private function json(string $text): array
    {
        $value = json_decode($text, true);
        return is_array($value) ? $value : [];
    }

    /**
     * The fields go through the reader of forms, because PHP reads names and brackets alike in both.
     *
     * @return array<array-key, mixed>
     */
    private function multipart(Request $request): array
    {
        if (!preg_match('/boundary="?([^";]+)"?/i', $request->header('content-type'), $found)) {
            return [];
        }
        $pairs = [];
        foreach (explode("\r\n--$found[1]", "\r\n$request->body") as $part) {
            [$head, $value] = explode("\r\n\r\n", $part, 2) + [1 => ''];
            if (preg_match('/[;\s]name="?([^";\r\n]+)"?/i', $head, $name)) {
                $pairs[] = urlencode($name[1]) . '=' . urlencode($value);
            }
        }
        return self::form(implode('&', $pairs));
    }
}
