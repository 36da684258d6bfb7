<?php
// b24phpsdk, the official PHP SDK, from an autoloader that its user gives. It has the code only in
// the message of its exception, in lower case.
declare(strict_types=1);

use Bitrix24\SDK\Core\ApiClient;
use Bitrix24\SDK\Core\Exceptions\BaseException;
use Bitrix24\SDK\Services\ServiceBuilderFactory;

require __DIR__ . '/protocol.php';
require $argv[1];

serve('b24phpsdk', static function (array $portal): array {
    $core = ServiceBuilderFactory::createServiceBuilderFromWebhook($portal['webhook'])->core;
    $version = class_exists(ApiClient::class)
        ? (new ReflectionClass(ApiClient::class))->getConstant('SDK_VERSION') : null;
    return [$version, static function (array $params) use ($core): array {
        try {
            // It wraps a scalar into a list.
            $answer = $core->call(METHOD, $params)->getResponseData()->getResult();
            return result($answer === [true] ? true : $answer);
        } catch (BaseException $error) {
            $code = strtoupper(explode(' - ', $error->getMessage())[0]);
            return in_array($code, CODES, true) ? refused($code, 'message') : throw $error;
        }
    }];
});
