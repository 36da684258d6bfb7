<?php
// NOT CRest: a stand-in of as much of its public interface as the adapter uses, written for the
// tests of this project. Like the vendor's file it reads settings.php, and for OAuth settings.json,
// from its own folder, and gives the decoded answer whatever it says.
require_once __DIR__ . '/settings.php';

class CRest
{
    const VERSION = 'stand-in';

    public static function call($method, $params = [])
    {
        if (defined('C_REST_WEB_HOOK_URL')) {
            $endpoint = C_REST_WEB_HOOK_URL;
        } else {
            $settings = json_decode(file_get_contents(__DIR__ . '/settings.json'), true);
            $endpoint = $settings['client_endpoint'];
            $params['auth'] = $settings['access_token'];
        }
        $curl = curl_init("$endpoint$method.json");
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        if ($params) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, http_build_query($params));
        }
        $body = curl_exec($curl);
        return $body === false
            ? ['error' => 'curl_error', 'error_information' => curl_error($curl)]
            : json_decode($body, true);
    }
}
