<?php

declare(strict_types=1);

final class Batch
{
    private const LONGEST = 50;

    /** @param Closure(string): Route $route */
    public function __construct(private readonly Closure $route, private readonly Access $access, private readonly Hooks $hooks)
    {
    }

    /** @return array<string, array<array-key, mixed>> */
    public function run(Caller $caller, Call $call): array
    {
        $parameters = array_change_key_case($call->parameters);
        $commands = is_array($parameters['cmd'] ?? null) ? $parameters['cmd'] : [];
        $halt = $this->hooks->run('halt', boolval(...), $parameters['halt'] ?? false);
        $maps = ['result' => [], 'result_error' => [], 'result_total' => [], 'result_next' => [], 'result_time' => []];
        $number = 0;
        foreach ($commands as $key => $command) {
            $number++;
            if (!is_string($command)) {
                continue;
            }
            $started = microtime(true);
            try {
                $this->hooks->run('length', $this->checkLength(...), $number);
                $maps['result'][$key] = $this->hooks->run('command', $this->command(...), $command, $caller, $call);
                $maps['result_time'][$key] = $this->hooks->run('time', Envelope::time(...), $started);
            } catch (Refusal $refusal) {
                $maps['result_error'][$key] = $this->error($refusal, $call);
                if ($halt) {
                    break;
                }
            }
        }
        return $this->hooks->run('maps', fn(array $maps): array => $maps, $maps);
    }

    private function checkLength(int $number): void
    {
        if ($number > self::LONGEST) {
            throw new Refusal('ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
        }
    }

    private function command(string $command, Caller $caller, Call $call): mixed
    {
        $parts = parse_url($command) ?: [];
        $parameters = $this->hooks->run('command query', Reading::form(...), $parts['query'] ?? '');
        $item = $call->asking($parts['path'] ?? '', $parameters);
        if (in_array($item->method(), ['batch', 'upload', 'download'], true)) {
            throw new Refusal('ERROR_BATCH_METHOD_NOT_ALLOWED', 'Method is not allowed for batch usage');
        }
        $route = ($this->route)($item->method());
        $this->hooks->run('command scope', $this->scope(...), $caller, $route->scope, $item);
        return ($route->handler)($caller, $item);
    }

    /** The kernel has no text for a command of a batch. */
    private function scope(Caller $caller, string $scope, Call $item): void
    {
        try {
            $this->access->requireScope($caller, $scope, $item);
        } catch (Refusal $refusal) {
            throw $refusal->reworded('');
        }
    }

    /** @return array<string, mixed> */
    private function error(Refusal $refusal, Call $call): array
    {
        $refusal = $this->hooks->run('refusal', fn(Refusal $refusal): Refusal => $refusal, $refusal, $call);
        return $this->hooks->run('error', Envelope::error(...), $refusal, $call);
    }
}
