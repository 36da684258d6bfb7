<?php

declare(strict_types=1);

final class Envelope
{
    public const HEADERS = [
        'Access-Control-Allow-Origin' => '*',
        'Access-Control-Allow-Headers' => 'origin, content-type, accept',
        'X-Content-Type-Options' => 'nosniff',
    ];

    /** JSON as the new kernel writes it. SUBSTITUTE because a batch's keys may be any bytes. */
    public const JSON = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE
        | JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT;

    /**
     * The new kernel keeps whole seconds of the start only; the duration is too long by what was cut.
     *
     * @return array<string, mixed>
     */
    public static function time(float $started): array
    {
        $finish = microtime(true);
        return [
            'start' => (int) $started,
            'finish' => $finish,
            'duration' => $finish - (int) $started,
            'processing' => (int) $finish - (int) $started,
            'date_start' => date('c', (int) $started),
            'date_finish' => date('c', (int) $finish),
        ];
    }

    /**
     * @param array<string, mixed> $time
     * @return array<string, mixed>
     */
    public static function success(mixed $result, array $time): array
    {
        return ['result' => $result, 'time' => $time];
    }

    /** @return array<string, mixed> */
    public static function error(Refusal $refusal): array
    {
        return ['error' => $refusal->name, 'error_description' => $refusal->getMessage()];
    }

    public static function json(mixed $body): string
    {
        return json_encode($body, self::JSON);
    }

    /** The vendor's XML has no declaration and no whitespace, and writes true as 1. */
    public static function xml(mixed $body): string
    {
        return '<response>' . self::elements($body) . '</response>';
    }

    private static function elements(mixed $value): string
    {
        if (!is_array($value)) {
            return htmlspecialchars((string) $value, ENT_XML1);
        }
        $text = '';
        foreach ($value as $key => $inner) {
            $tag = is_int($key) ? 'item' : $key;
            $text .= "<$tag>" . self::elements($inner) . "</$tag>";
        }
        return $text;
    }
}
