<?php

declare(strict_types=1);

final class Caller
{
    public function __construct(public readonly User $user, public readonly string $credential)
    {
    }
}

/** Whose call it is, and whether its credentials reach as far as the method. */
final class Access
{
    public function __construct(private readonly World $world, private readonly Hooks $hooks)
    {
    }

    public function identify(Call $call): Caller
    {
        return $this->hooks->run('identify', $this->anyone(...), $call, $this->world);
    }

    public function requireScope(Caller $caller, string $scope, Call $call): void
    {
        $this->hooks->run('scope', $this->scope(...), $caller, $scope, $call, $this->world);
    }

    private function anyone(Call $call): Caller
    {
        $token = $this->hooks->run('token', $this->token(...), $call);
        if ($token !== null) {
            return new Caller($this->hooks->run('holder', $this->holder(...), $token, $this->world), 'access');
        }
        if (is_string($call->login) && is_string($call->secret)) {
            return new Caller($this->owner($call->login, $call->secret), 'webhook');
        }
        throw Refusal::noAuth();
    }

    /** The header wins over the parameters, and a parameter that is an array is none. */
    private function token(Call $call): ?string
    {
        if (preg_match('/^bearer\s+(\S+)$/i', $call->request->header('authorization'), $found)) {
            return $found[1];
        }
        foreach (['auth', 'access_token'] as $name) {
            if (is_string($call->parameters[$name] ?? null)) {
                return $call->parameters[$name];
            }
        }
        return null;
    }

    private function holder(string $token): User
    {
        if ($this->world->withExpiredToken($token) !== null) {
            throw Refusal::expiredToken();
        }
        return $this->world->withToken($token) ?? throw Refusal::invalidToken();
    }

    private function owner(string $login, string $secret): User
    {
        $user = $this->world->named($login);
        if ($user === null || !$this->hooks->run('secret', $this->opens(...), $secret, $user, $this->world)) {
            throw Refusal::invalidCredentials();
        }
        return $user;
    }

    private function opens(string $secret, User $user): bool
    {
        return hash_equals($user->secret, $secret);
    }

    private function scope(Caller $caller, string $scope): void
    {
        if ($scope !== '' && !in_array($scope, $caller->user->scopes, true)) {
            throw Refusal::insufficientScope($caller->credential);
        }
    }
}
