<?php

declare(strict_types=1);

// Standard output carries one line, the address; PHP's own messages must not follow it there.
ini_set('display_errors', 'stderr');

foreach (['Hooks', 'World', 'Http', 'Server', 'Refusal', 'Reading', 'Access', 'Method', 'Envelope', 'Batch', 'Kernel', 'Around'] as $part) {
    require __DIR__ . "/$part.php";
}

/** @return array<string, Closure(): array<string, Closure>> */
function switches(): array
{
    $switches = [];
    foreach (['FaultsOfAnswers', 'FaultsOfJudgement', 'FaultsOfAsking', 'FaultsOfDelivery', 'Freedoms'] as $part) {
        $switches += require __DIR__ . "/$part.php";
    }
    return $switches;
}

try {
    $options = getopt('', ['world:', 'switch:']);
    $world = World::read($options['world'] ?? throw new InvalidArgumentException('usage: php portal.php --world FILE [--switch NAME]'));
    $hooks = Hooks::of($options['switch'] ?? null, switches());
    $kernel = new Kernel($world, $hooks);
    $server = new Server($kernel->answer(...), $hooks);
    echo "listening on {$server->address()}\n";
    $server->serve();
} catch (Throwable $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(2);
}
