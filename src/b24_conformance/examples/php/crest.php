<?php
// What an example of CRest takes for granted: settings. It finds crest.php by itself, or has it.
define('C_REST_WEB_HOOK_URL', getenv('EXAMPLE_WEBHOOK'));
define('C_REST_BLOCK_LOG', true);
require_once getenv('EXAMPLE_CLIENT');
touch(getenv('EXAMPLE_READY'));
