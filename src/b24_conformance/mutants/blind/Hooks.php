<?php

declare(strict_types=1);

/** The places where a switch may stand around a sound step. A switch gets the step itself and its arguments. */
final class Hooks
{
    /** @param array<string, Closure> $around by the name of the step */
    public function __construct(private readonly array $around = [])
    {
    }

    public function run(string $step, Closure $sound, mixed ...$arguments): mixed
    {
        return isset($this->around[$step])
            ? ($this->around[$step])($sound, ...$arguments)
            : $sound(...$arguments);
    }

    /** @param array<string, Closure> $switches each makes its own closures, so that what they remember starts anew */
    public static function of(?string $name, array $switches): self
    {
        if ($name === null) {
            return new self();
        }
        if (!isset($switches[$name])) {
            throw new InvalidArgumentException("unknown switch $name, the nearest is " . self::nearest($name, array_keys($switches)));
        }
        return new self($switches[$name]());
    }

    /** @param list<string> $names */
    private static function nearest(string $name, array $names): string
    {
        usort($names, fn(string $a, string $b): int => levenshtein($name, $a) <=> levenshtein($name, $b));
        return $names[0];
    }
}
