<?php
// Receives presend's webhooks: PRESEND_WEBHOOK_SECRET=whsec_… php -S 127.0.0.1:3000 webhook.php

require __DIR__ . '/Presend.php';

// Until the signature is checked. An error that PHP displays would else be answered with 200.
http_response_code(500);
$event = Presend::verifyWebhook(
    $_SERVER['HTTP_WEBHOOK_ID'] ?? '',
    $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '',
    $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '',
    file_get_contents('php://input'),
    (string) getenv('PRESEND_WEBHOOK_SECRET'),
);
http_response_code($event === null ? 401 : 204);
// presend may send a message twice: remember the header webhook-id for some days.
if ($event !== null) {
    error_log($event['type'] . ' ' . json_encode($event['data']));
}
