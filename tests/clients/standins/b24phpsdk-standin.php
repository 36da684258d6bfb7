<?php
// NOT b24phpsdk: a stand-in of as much of its public interface as the adapter uses, written for the
// tests of this project. Like the SDK it wraps a scalar result into a list, and has a refusal's code
// only in the message of its exception, in lower case.

namespace Bitrix24\SDK\Core\Exceptions {
    class BaseException extends \Exception
    {
    }
}

namespace Bitrix24\SDK\Services {
    use Bitrix24\SDK\Core\Exceptions\BaseException;

    class ServiceBuilderFactory
    {
        public static function createServiceBuilderFromWebhook(string $url): object
        {
            $builder = new \stdClass();
            $builder->core = new Core($url);
            return $builder;
        }
    }

    class Core
    {
        public function __construct(private string $url)
        {
        }

        public function call(string $method, array $params = []): Response
        {
            $curl = curl_init("$this->url/$method/");
            curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
            curl_setopt($curl, CURLOPT_HTTPHEADER, ['Content-Type: application/json']);
            curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($params));
            $answer = json_decode(curl_exec($curl), true);
            echo 'noise that must not disturb the protocol';
            if (isset($answer['error'])) {
                throw new BaseException(strtolower("{$answer['error']} - {$answer['error_description']} "));
            }
            return new Response($answer['result']);
        }
    }

    class Response
    {
        public function __construct(private mixed $result)
        {
        }

        public function getResponseData(): self
        {
            return $this;
        }

        public function getResult(): array
        {
            return is_array($this->result) ? $this->result : [$this->result];
        }
    }
}
