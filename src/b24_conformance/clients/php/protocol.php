<?php
// The adapter protocol as a PHP adapter speaks it: one JSON object a line.
declare(strict_types=1);

const METHOD = 'imopenlines.session.join';
const CODES = ['ACCESS_DENIED', 'CHAT_TYPE', 'CHAT_ID', 'USER_ID'];

function refused(string $code, string $via = 'field'): array
{
    return ['refused' => $code, 'via' => $via];
}

function broken(string $what): array
{
    return ['broken' => $what];
}

/** The answer to a call that returned $value: nothing but true is a success. */
function result(mixed $value): array
{
    return $value === true ? ['joined' => true] : broken('the call returned ' . var_export($value, true));
}

/** Answers every call on standard input until it ends. $makeCaller gets the setup. */
function serve(string $adapter, callable $makeCaller): void
{
    ob_start(to_standard_error(...), 1);
    $setup = json_decode((string) fgets(STDIN), true);
    ini_set('default_socket_timeout', (string) max(1, (int) ($setup['deadline_s'] * 0.9)));
    [$version, $caller] = $makeCaller($setup['portal']);
    say(['adapter' => $adapter, 'client' => $version]);
    while (($line = fgets(STDIN)) !== false) {
        say(answer($caller, $line));
    }
}

/** Standard output is for the protocol: whatever else is printed must not land there. */
function to_standard_error(string $text): string
{
    fwrite(STDERR, $text);
    return '';
}

function answer(callable $caller, string $line): array
{
    $params = json_decode($line, true)['call'] ?? null;
    $exact = json_decode($line, true, 512, JSON_BIGINT_AS_STRING)['call'] ?? null;
    $infinite = is_array($params) && is_float($params['CHAT_ID'] ?? 0) && is_infinite($params['CHAT_ID']);
    if ($params === null || $params !== $exact || $infinite) {
        return ['not_sent' => 'PHP cannot hold the value: ' . json_last_error_msg()];
    }
    try {
        return $caller($params);
    } catch (Throwable $error) { // whatever the client throws is what its caller sees
        return broken(get_class($error) . ': ' . $error->getMessage());
    }
}

function say(array $answer): void
{
    fwrite(STDOUT, json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}
