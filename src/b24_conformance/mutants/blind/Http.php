<?php

declare(strict_types=1);

final class Request
{
    /** @param array<string, string> $headers names in lower case */
    public function __construct(
        public readonly string $verb,
        public readonly string $target,
        public readonly string $version,
        public readonly array $headers,
        public readonly string $body,
    ) {
    }

    public function header(string $name): string
    {
        return $this->headers[$name] ?? '';
    }

    /** Slashes too many change nothing, as behind the front server of a real portal. */
    public function path(): string
    {
        $path = rawurldecode(explode('?', $this->target, 2)[0]);
        return rtrim(preg_replace('#/+#', '/', $path), '/');
    }

    public function query(): string
    {
        return explode('?', $this->target, 2)[1] ?? '';
    }

    public function withoutQuery(): self
    {
        return new self($this->verb, explode('?', $this->target, 2)[0], $this->version, $this->headers, $this->body);
    }

    public function hasType(string $part): bool
    {
        return str_contains(strtolower($this->header('content-type')), $part);
    }

    public function endsConnection(): bool
    {
        $wish = strtolower($this->header('connection'));
        return $wish === 'close' || ($this->version === 'HTTP/1.0' && $wish !== 'keep-alive');
    }
}

final class Response
{
    private const REASONS = [
        200 => 'OK', 204 => 'No Content', 400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden',
        404 => 'Not Found', 405 => 'Method Not Allowed', 500 => 'Internal Server Error', 503 => 'Service Unavailable',
    ];

    /** @param array<string, string> $headers */
    public function __construct(
        public int $status,
        public array $headers,
        public string $body,
        public bool $close = false,
        public bool $withReason = true,
    ) {
    }

    private function statusLine(string $version): string
    {
        return "$version $this->status " . ($this->withReason ? self::REASONS[$this->status] : '') . "\r\n";
    }

    /** @param array<string, string> $more */
    public function head(array $more, string $version = 'HTTP/1.1'): string
    {
        $head = $this->statusLine($version);
        foreach ($this->headers + $more as $name => $value) {
            $head .= "$name: $value\r\n";
        }
        return "$head\r\n";
    }
}

/** One client: what it has sent and is not yet answered. */
final class Connection
{
    private string $buffer = '';
    private bool $toldToContinue = false;

    /** @param resource $stream */
    public function __construct(public readonly mixed $stream)
    {
    }

    public function receive(string $bytes): void
    {
        $this->buffer .= $bytes;
    }

    /** The next request, or null while it is not complete. */
    public function next(): ?Request
    {
        $end = strpos($this->buffer, "\r\n\r\n");
        if ($end === false) {
            return null;
        }
        $lines = explode("\r\n", ltrim(substr($this->buffer, 0, $end)));
        $start = explode(' ', (string) array_shift($lines));
        if (count($start) !== 3) {
            throw new UnexpectedValueException('not a request line');
        }
        $headers = $this->headers($lines);
        $body = $this->body($headers, $end + 4);
        return $body === null ? null : new Request($start[0], $start[1], $start[2], $headers, $body);
    }

    /**
     * @param list<string> $lines
     * @return array<string, string>
     */
    private function headers(array $lines): array
    {
        $headers = [];
        foreach ($lines as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $headers[strtolower($name)] = trim($value);
        }
        return $headers;
    }

    /** @param array<string, string> $headers */
    private function body(array $headers, int $offset): ?string
    {
        if (strtolower($headers['transfer-encoding'] ?? '') === 'chunked') {
            return $this->chunks($offset);
        }
        $length = max(0, (int) ($headers['content-length'] ?? 0));
        if (strlen($this->buffer) < $offset + $length) {
            $this->answerExpectation($headers);
            return null;
        }
        $body = substr($this->buffer, $offset, $length);
        $this->drop($offset + $length);
        return $body;
    }

    private function chunks(int $offset): ?string
    {
        $body = '';
        while (($end = strpos($this->buffer, "\r\n", $offset)) !== false) {
            $size = (int) hexdec(trim(explode(';', substr($this->buffer, $offset, $end - $offset))[0]));
            if ($size === 0) {
                return $this->afterTrailers($end, $body);
            }
            if (strlen($this->buffer) < $end + 2 + $size + 2) {
                return null;
            }
            $body .= substr($this->buffer, $end + 2, $size);
            $offset = $end + 2 + $size + 2;
        }
        return null;
    }

    private function afterTrailers(int $offset, string $body): ?string
    {
        $end = strpos($this->buffer, "\r\n\r\n", $offset);
        if ($end === false) {
            return null;
        }
        $this->drop($end + 4);
        return $body;
    }

    private function drop(int $length): void
    {
        $this->buffer = substr($this->buffer, $length);
        $this->toldToContinue = false;
    }

    /** @param array<string, string> $headers */
    private function answerExpectation(array $headers): void
    {
        if (!$this->toldToContinue && strtolower($headers['expect'] ?? '') === '100-continue') {
            fwrite($this->stream, "HTTP/1.1 100 Continue\r\n\r\n");
            $this->toldToContinue = true;
        }
    }
}
