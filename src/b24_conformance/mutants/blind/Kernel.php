<?php

declare(strict_types=1);

final class Route
{
    /** @param Closure(Caller, Call): mixed $handler */
    public function __construct(public readonly string $scope, public readonly Closure $handler)
    {
    }
}

/** From a request to its answer: method, credentials, scope, then the method itself. */
final class Kernel
{
    private readonly Reading $reading;
    private readonly Access $access;

    /** @var array<string, Route> */
    private readonly array $routes;

    public function __construct(World $world, private readonly Hooks $hooks)
    {
        $this->reading = new Reading($hooks);
        $this->access = new Access($world, $hooks);
        $method = new Method($world, $this->reading, $hooks);
        $batch = new Batch($this->route(...), $this->access, $hooks);
        $this->routes = [
            Call::JOIN => new Route(
                'imopenlines',
                fn(Caller $caller, Call $call): mixed => $hooks->run('join', $method->join(...), $caller, $call),
            ),
            Call::PARTICIPANTS => new Route('im', $method->participants(...)),
            'batch' => new Route('', $batch->run(...)),
        ];
    }

    public function answer(Request $request): ?Response
    {
        try {
            return $this->hooks->run('exchange', $this->respond(...), $request);
        } catch (Throwable $error) {
            fwrite(STDERR, "$error\n");
            return $this->alone(500, new Refusal('INTERNAL_SERVER_ERROR', 'Internal server error'));
        }
    }

    private function respond(Request $request): Response
    {
        $started = microtime(true);
        $call = $this->reading->call($request);
        if ($call === null) {
            return $this->hooks->run('elsewhere', fn(): Response => $this->alone(404, Refusal::methodNotFound()), $request);
        }
        $call = $this->hooks->run('call', fn(Call $call): Call => $call, $call);
        try {
            $result = $this->perform($call);
            $time = $this->hooks->run('time', Envelope::time(...), $started);
            return $this->written(200, $this->hooks->run('success', Envelope::success(...), $result, $time, $call), $call);
        } catch (Refusal $refusal) {
            $refusal = $this->hooks->run('refusal', fn(Refusal $refusal): Refusal => $refusal, $refusal, $call);
            $body = $this->hooks->run('error', Envelope::error(...), $refusal, $call);
            return $this->written($refusal->status, $body, $call);
        }
    }

    private function perform(Call $call): mixed
    {
        $route = $this->hooks->run('lookup', fn(Call $call): Route => $this->route($call->method()), $call, $this->access);
        $caller = $this->access->identify($call);
        $this->access->requireScope($caller, $route->scope, $call);
        return ($route->handler)($caller, $call);
    }

    private function route(string $method): Route
    {
        return $this->hooks->run('route', fn(string $method): ?Route => $this->routes[$method] ?? null, $method)
            ?? throw Refusal::methodNotFound();
    }

    private function written(int $status, mixed $body, Call $call): Response
    {
        $headers = ['Content-Type' => $call->suffix === 'xml' ? 'text/xml; charset=utf-8' : 'application/json; charset=utf-8'];
        $text = $call->suffix === 'xml'
            ? $this->hooks->run('xml', Envelope::xml(...), $body)
            : $this->hooks->run('json', Envelope::json(...), $body);
        return new Response($status, $headers + Envelope::HEADERS, $text);
    }

    /** An error outside of any call. */
    private function alone(int $status, Refusal $refusal): Response
    {
        $body = Envelope::json(Envelope::error($refusal));
        return new Response($status, ['Content-Type' => 'application/json; charset=utf-8'] + Envelope::HEADERS, $body);
    }
}
