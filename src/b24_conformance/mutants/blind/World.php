<?php

declare(strict_types=1);

final class User
{
    /** @param list<string> $scopes */
    public function __construct(
        public readonly int $id,
        public readonly string $login,
        public readonly string $secret,
        public readonly ?string $token,
        public readonly ?string $expiredToken,
        public readonly array $scopes,
    ) {
    }
}

final class Chat
{
    /**
     * @param list<int> $members
     * @param list<int> $mayJoin
     */
    public function __construct(
        public readonly int $id,
        public readonly string $kind,
        public array $members,
        public readonly array $mayJoin,
    ) {
    }

    public function isOpenLine(): bool
    {
        return $this->kind === 'open_line';
    }

    public function has(User $user): bool
    {
        return in_array($user->id, $this->members, true);
    }

    public function admits(User $user): bool
    {
        return in_array($user->id, $this->mayJoin, true);
    }
}

/** Users and chats. What a portal remembers between two calls is here, and only the members change. */
final class World
{
    /** @var array<int, User> */
    public array $users = [];

    /** @var array<int, Chat> */
    public array $chats = [];

    public static function read(string $file): self
    {
        $data = json_decode((string) file_get_contents($file), true, 16, JSON_THROW_ON_ERROR);
        $world = new self();
        foreach ($data['users'] as $id => $user) {
            $world->users[$id] = new User(
                $id,
                $user['login'],
                $user['webhook_secret'],
                $user['access_token'] ?? null,
                $user['expired_token'] ?? null,
                $user['scopes'],
            );
        }
        foreach ($data['chats'] as $id => $chat) {
            $world->chats[$id] = new Chat($id, $chat['kind'], $chat['members'], $chat['may_join']);
        }
        return $world;
    }

    /** A number in its plain form is an id; anything else, "01" too, is a login. */
    public function named(string $name): ?User
    {
        if ($name === (string) (int) $name) {
            return $this->users[(int) $name] ?? null;
        }
        return $this->find(fn(User $user): bool => $user->login === $name);
    }

    public function withToken(string $token): ?User
    {
        return $this->find(fn(User $user): bool => $user->token === $token);
    }

    public function withExpiredToken(string $token): ?User
    {
        return $this->find(fn(User $user): bool => $user->expiredToken === $token);
    }

    public function first(): User
    {
        return $this->users[array_key_first($this->users)];
    }

    /** @param Closure(User): bool $wanted */
    private function find(Closure $wanted): ?User
    {
        return array_values(array_filter($this->users, $wanted))[0] ?? null;
    }
}
