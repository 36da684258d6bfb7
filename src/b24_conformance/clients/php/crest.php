<?php
// PHP CRest, the vendor's one file, from a copy that its user gives; by webhook or by OAuth.
declare(strict_types=1);

require __DIR__ . '/protocol.php';

// It reads its settings beside itself, and writes there: so it runs as a copy in a folder of its own.
$folder = sys_get_temp_dir() . '/crest-' . bin2hex(random_bytes(8));
mkdir($folder, 0700);
register_shutdown_function(static function () use ($folder): void {
    array_map('unlink', glob("$folder/*"));
    rmdir($folder);
});

serve('crest', static function (array $portal) use ($argv, $folder): array {
    $code = file_get_contents($argv[1]);
    define('C_REST_BLOCK_LOG', true);
    if (isset($portal['webhook'])) {
        define('C_REST_WEB_HOOK_URL', $portal['webhook']);
    } else {
        define('C_REST_CLIENT_ID', 'local.0');
        define('C_REST_CLIENT_SECRET', 'unused');
        $address = "{$portal['scheme']}://{$portal['domain']}";
        // The host that renews tokens is hard-wired; here the portal takes its place.
        $code = str_replace('https://oauth.bitrix.info/', "$address/", $code);
        $settings = ['expires_in' => 3600, 'client_endpoint' => "$address/rest/", 'application_token' => 'unused'];
        file_put_contents("$folder/settings.json", json_encode($portal + $settings));
    }
    file_put_contents("$folder/crest.php", $code);
    file_put_contents("$folder/settings.php", '<?php');
    require "$folder/crest.php";
    return [CRest::VERSION, static function (array $params): array {
        $answer = CRest::call(METHOD, $params);
        if (!isset($answer['error'])) {
            return result($answer['result'] ?? $answer);
        }
        $own = in_array($answer['error'], ['curl_error', 'exception', 'no_install_app'], true);
        return $own ? broken(json_encode($answer)) : refused($answer['error']);
    }];
});
