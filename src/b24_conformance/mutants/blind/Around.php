<?php

declare(strict_types=1);

/** Shapes that many switches share; each gives closures by the name of the step they stand around. */
final class Around
{
    private const RUSSIAN = [
        'CHAT_ID' => 'Указан не корректный идентификатор чата',
        'CHAT_TYPE' => 'Указанный чат не является открытой линией',
        'ACCESS_DENIED' => 'Вы не можете открыть этот разговор, т.к. у вас недостаточно прав.',
    ];

    /** @return array<string, Closure> a join that does its work and answers something else */
    public static function answer(mixed $value): array
    {
        return ['join' => function (Closure $sound, Caller $caller, Call $call) use ($value): mixed {
            $sound($caller, $call);
            return $value;
        }];
    }

    /**
     * @param Closure(bool): mixed $answer from whether the caller was added
     * @return array<string, Closure>
     */
    public static function added(Closure $answer): array
    {
        $added = false;
        return [
            'store' => function (Closure $sound, Chat $chat, User $user) use (&$added): void {
                $added = !$chat->has($user);
                $sound($chat, $user);
            },
            'join' => function (Closure $sound, Caller $caller, Call $call) use (&$added, $answer): mixed {
                $sound($caller, $call);
                return $answer($added);
            },
        ];
    }

    /**
     * @param Closure(Refusal, Call): Refusal $change for the refusals of the method alone
     * @return array<string, Closure>
     */
    public static function methodRefusal(Closure $change): array
    {
        return self::refusal(fn(Refusal $refusal, Call $call): Refusal => $refusal->isOfTheMethod() ? $change($refusal, $call) : $refusal);
    }

    /**
     * @param Closure(Refusal, Call): Refusal $change
     * @return array<string, Closure>
     */
    public static function refusal(Closure $change): array
    {
        return ['refusal' => fn(Closure $sound, Refusal $refusal, Call $call): Refusal => $change($refusal, $call)];
    }

    /**
     * @param Closure(int, ?Chat, User, Call): ?Refusal $check comes before all the sound ones
     * @return array<string, Closure>
     */
    public static function firstCheck(Closure $check): array
    {
        return ['decide' => function (Closure $sound, User $user, int $id, World $world, Call $call) use ($check): Chat {
            $refusal = $check($id, $world->chats[$id] ?? null, $user, $call);
            return $refusal === null ? $sound($user, $id) : throw $refusal;
        }];
    }

    /**
     * @param Closure(Refusal, int, User, World): Chat $instead of a refusal that the checks came to; it may throw it again
     * @return array<string, Closure>
     */
    public static function lastWord(Closure $instead): array
    {
        return ['decide' => function (Closure $sound, User $user, int $id, World $world) use ($instead): Chat {
            try {
                return $sound($user, $id);
            } catch (Refusal $refusal) {
                return $instead($refusal, $id, $user, $world);
            }
        }];
    }

    /**
     * @param Closure(Refusal, Call, World): ?Refusal $instead when credentials are refused for a join
     * @return array<string, Closure>
     */
    public static function badCredentials(Closure $instead): array
    {
        return ['identify' => function (Closure $sound, Call $call, World $world) use ($instead): Caller {
            try {
                return $sound($call);
            } catch (Refusal $refusal) {
                throw ($call->isJoin() ? $instead($refusal, $call, $world) : null) ?? $refusal;
            }
        }];
    }

    /**
     * @param Closure(Call, World): ?Refusal $instead when the scope is missing for a join
     * @return array<string, Closure>
     */
    public static function missingScope(Closure $instead): array
    {
        return ['scope' => function (Closure $sound, Caller $caller, string $scope, Call $call, World $world) use ($instead): void {
            try {
                $sound($caller, $scope);
            } catch (Refusal $refusal) {
                throw ($call->isJoin() ? $instead($call, $world) : null) ?? $refusal;
            }
        }];
    }

    /**
     * @param Closure(mixed, Closure(mixed): int): int $read gets what was sent, and the sound reading
     * @return array<string, Closure>
     */
    public static function chatId(Closure $read): array
    {
        return ['chat id' => fn(Closure $sound, mixed $sent): int => $read($sent, $sound)];
    }

    /**
     * A handler with a typed parameter ends so.
     *
     * @param Closure(mixed): bool $crashes whether what was sent as CHAT_ID is more than the handler bears
     * @param Closure(): ?Response $answer
     * @return array<string, Closure>
     */
    public static function crash(Closure $crashes, Closure $answer): array
    {
        return [
            'chat id' => fn(Closure $sound, mixed $sent): int => $crashes($sent) ? throw new TypeError() : $sound($sent),
            'exchange' => function (Closure $sound, Request $request) use ($answer): ?Response {
                try {
                    return $sound($request);
                } catch (TypeError) {
                    return $answer();
                }
            },
        ];
    }

    /**
     * @param Closure(Request): bool $isUnread
     * @return array<string, Closure>
     */
    public static function bodyUnread(Closure $isUnread): array
    {
        return ['body' => fn(Closure $sound, Request $request): array => $isUnread($request) ? [] : $sound($request)];
    }

    /**
     * @param Closure(Call): bool $isUnknown
     * @return array<string, Closure>
     */
    public static function unknown(Closure $isUnknown): array
    {
        return ['lookup' => fn(Closure $sound, Call $call): Route => $isUnknown($call) ? throw Refusal::methodNotFound() : $sound($call)];
    }

    /**
     * @param Closure(array<string, mixed>): array<string, mixed> $change
     * @return array<string, Closure>
     */
    public static function time(Closure $change): array
    {
        return ['time' => fn(Closure $sound, float $started): array => $change($sound($started))];
    }

    /**
     * @param Closure(Response, Request): Response $change
     * @return array<string, Closure>
     */
    public static function response(Closure $change): array
    {
        return ['exchange' => fn(Closure $sound, Request $request): Response => $change($sound($request), $request)];
    }

    /**
     * @param Closure(array<string, array<array-key, mixed>>): array<array-key, mixed> $change
     * @return array<string, Closure>
     */
    public static function batchMaps(Closure $change): array
    {
        return ['maps' => fn(Closure $sound, array $maps): array => $change($maps)];
    }

    public static function russian(Refusal $refusal): Refusal
    {
        return $refusal->reworded(self::RUSSIAN[$refusal->name] ?? 'Запрос не может быть выполнен');
    }

    public static function page(int $status, string $text): Response
    {
        $html = "<!DOCTYPE html>\n<html><head><title>$status</title></head><body><h1>$text</h1></body></html>\n";
        return new Response($status, ['Content-Type' => 'text/html; charset=utf-8'], $html);
    }
}
