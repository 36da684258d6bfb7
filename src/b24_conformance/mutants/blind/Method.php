<?php

declare(strict_types=1);

final class Method
{
    public function __construct(
        private readonly World $world,
        private readonly Reading $reading,
        private readonly Hooks $hooks,
    ) {
    }

    public function join(Caller $caller, Call $call): mixed
    {
        $id = $this->reading->chatId($call->parameters);
        $chat = $this->hooks->run('decide', $this->decide(...), $caller->user, $id, $this->world, $call);
        $this->hooks->run('store', $this->store(...), $chat, $caller->user, $this->world);
        return true;
    }

    /**
     * Those who may not see a chat get an empty list, which is not an error.
     *
     * @return list<int>
     */
    public function participants(Caller $caller, Call $call): array
    {
        $id = intval($call->parameters['CHAT_ID'] ?? null);
        if ($id <= 0) {
            throw new Refusal('CHAT_ID_EMPTY', 'Chat ID can\'t be empty');
        }
        $chat = $this->world->chats[$id] ?? null;
        if ($chat === null || !$chat->has($caller->user)) {
            return [];
        }
        return $this->hooks->run('participants', fn(Chat $chat): array => $chat->members, $chat);
    }

    /** The kernel's order: members first, then the chat, then its kind, then rights. */
    private function decide(User $user, int $id): Chat
    {
        $chat = $this->world->chats[$id] ?? null;
        if ($id <= 0 || $chat === null) {
            throw Refusal::chatId();
        }
        if (!$chat->isOpenLine()) {
            throw Refusal::chatType();
        }
        if (!$chat->has($user) && !$chat->admits($user)) {
            throw Refusal::accessDenied();
        }
        return $chat;
    }

    private function store(Chat $chat, User $user): void
    {
        if (!$chat->has($user)) {
            $chat->members[] = $user->id;
        }
    }
}
