<?php

declare(strict_types=1);

/** Several connections in one process, so that the state is one. */
final class Server
{
    /** @var array<int, Connection> */
    private array $connections = [];

    /** @var resource */
    private mixed $listener;

    /** @param Closure(Request): ?Response $answer null breaks the connection off */
    public function __construct(private readonly Closure $answer, private readonly Hooks $hooks)
    {
        $this->listener = stream_socket_server('tcp://127.0.0.1:0', $number, $message)
            ?: throw new RuntimeException("cannot listen: $message");
    }

    public function address(): string
    {
        return (string) stream_socket_get_name($this->listener, false);
    }

    public function serve(): void
    {
        while (true) {
            $streams = array_map(fn(Connection $connection): mixed => $connection->stream, $this->connections);
            $ready = ['input' => STDIN, 'listener' => $this->listener] + $streams;
            $none = null;
            if (!stream_select($ready, $none, $none, null)) {
                continue;
            }
            if (isset($ready['input']) && in_array(fread(STDIN, 1024), ['', false], true)) {
                return;
            }
            if (isset($ready['listener'])) {
                $this->accept();
            }
            foreach (array_intersect_key($this->connections, $ready) as $connection) {
                $this->attend($connection);
            }
        }
    }

    private function accept(): void
    {
        $stream = @stream_socket_accept($this->listener, 0);
        if ($stream !== false) {
            $this->connections[(int) $stream] = new Connection($stream);
        }
    }

    private function attend(Connection $connection): void
    {
        $bytes = @fread($connection->stream, 65536);
        if ($bytes === '' || $bytes === false) {
            $this->end($connection);
            return;
        }
        $connection->receive($bytes);
        try {
            while (($request = $connection->next()) !== null) {
                if (!$this->reply($connection, $request)) {
                    return;
                }
            }
        } catch (UnexpectedValueException) {
            @fwrite($connection->stream, (new Response(400, ['Content-Length' => '0'], ''))->head(['Connection' => 'close']));
            $this->end($connection);
        }
    }

    /** Whether the connection goes on. */
    private function reply(Connection $connection, Request $request): bool
    {
        $response = ($this->answer)($request);
        if ($response === null) {
            $this->end($connection);
            return false;
        }
        $response->close = $response->close || $request->endsConnection();
        foreach ($this->hooks->run('wire', $this->wire(...), $response, $request) as $piece) {
            @fwrite($connection->stream, $piece);
        }
        if ($response->close) {
            $this->end($connection);
        }
        return !$response->close;
    }

    /** @return list<string> the pieces of an answer as they are written */
    private function wire(Response $response, Request $request): array
    {
        $length = $response->status === 204 ? [] : ['Content-Length' => (string) strlen($response->body)];
        $head = $response->head($length + ['Connection' => $response->close ? 'close' : 'keep-alive']);
        return [$head . ($request->verb === 'HEAD' ? '' : $response->body)];
    }

    private function end(Connection $connection): void
    {
        unset($this->connections[(int) $connection->stream]);
        fclose($connection->stream);
    }
}
