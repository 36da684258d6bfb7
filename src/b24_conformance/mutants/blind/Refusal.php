<?php

declare(strict_types=1);

final class Refusal extends Exception
{
    public function __construct(public readonly string $name, string $text, public readonly int $status = 400)
    {
        parent::__construct($text);
    }

    public static function chatId(): self
    {
        return new self('CHAT_ID', 'Chat ID is invalid.');
    }

    public static function chatType(): self
    {
        return new self('CHAT_TYPE', 'This chat is not Open Channel');
    }

    public static function accessDenied(): self
    {
        return new self('ACCESS_DENIED', 'You do not have permission to access this chat.');
    }

    public static function methodNotFound(): self
    {
        return new self('ERROR_METHOD_NOT_FOUND', 'Method not found!', 404);
    }

    public static function noAuth(): self
    {
        return new self('NO_AUTH_FOUND', 'Wrong authorization data', 401);
    }

    public static function invalidCredentials(): self
    {
        return new self('INVALID_CREDENTIALS', 'Invalid request credentials', 401);
    }

    public static function invalidToken(): self
    {
        return new self('invalid_token', 'Unable to get application by token', 401);
    }

    public static function expiredToken(): self
    {
        return new self('expired_token', 'The access token provided has expired', 401);
    }

    public static function insufficientScope(string $credential): self
    {
        return new self(
            'insufficient_scope',
            "The request requires higher privileges than provided by the $credential token",
            401,
        );
    }

    public function isOfTheMethod(): bool
    {
        return in_array($this->name, ['CHAT_ID', 'CHAT_TYPE', 'ACCESS_DENIED'], true);
    }

    public function renamed(string $name): self
    {
        return new self($name, $this->getMessage(), $this->status);
    }

    public function reworded(string $text): self
    {
        return new self($this->name, $text, $this->status);
    }

    public function withStatus(int $status): self
    {
        return new self($this->name, $this->getMessage(), $status);
    }
}
