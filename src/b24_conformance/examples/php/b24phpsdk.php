<?php
// What an example of b24phpsdk takes for granted: $b24Service, made of a webhook.
require getenv('EXAMPLE_CLIENT');

$b24Service = Bitrix24\SDK\Services\ServiceBuilderFactory::createServiceBuilderFromWebhook(getenv('EXAMPLE_WEBHOOK'));
// Other pages name it so.
$serviceBuilder = $b24Service;
touch(getenv('EXAMPLE_READY'));
