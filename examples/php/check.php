<?php
// PRESEND_URL=http://127.0.0.1:8787 PRESEND_KEY=sk_… php check.php jane@gmial.com

require __DIR__ . '/Presend.php';

$presend = new Presend(getenv('PRESEND_URL'), getenv('PRESEND_KEY'));
foreach ($presend->validateBatch(array_slice($argv, 1)) as $verdict) {
    echo "{$verdict['email']} {$verdict['result']} {$verdict['reason']} {$verdict['did_you_mean']}\n";
}
