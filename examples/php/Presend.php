<?php
// presend from PHP 8.1 or newer, without a package. Needs allow_url_fopen, which is on by default.

final class Presend
{
    /** Addresses per request. */
    private const BATCH = 1000;

    public function __construct(
        private readonly string $url,
        private readonly string $key,
        private readonly float $timeout = 3.0,
    ) {
    }

    /** Returns the verdict on one address. Throws RuntimeException if presend does not answer. */
    public function validate(string $email, string $purpose = 'signup'): array
    {
        return $this->post('/v1/validate', ['email' => $email, 'purpose' => $purpose], $this->timeout);
    }

    /** Returns one verdict per address, in order. Throws RuntimeException if presend does not answer. */
    public function validateBatch(array $emails, string $purpose = 'marketing'): array
    {
        $verdicts = [];
        foreach (array_chunk($emails, self::BATCH) as $chunk) {
            $answer = $this->post('/v1/validate/batch', ['emails' => $chunk, 'purpose' => $purpose], 30.0);
            array_push($verdicts, ...$answer['results']);
        }
        return $verdicts;
    }

    /**
     * Returns what a sign-up form tells the person about the address, or null to take it.
     * $confirmed: the person was asked about this address before, and sent it again.
     */
    public function objection(string $email, bool $confirmed = false): ?string
    {
        try {
            $verdict = $this->validate($email);
        } catch (RuntimeException | JsonException $error) {
            // A sign-up does not depend on presend. JsonException: the address is not UTF-8.
            error_log('presend: ' . $error->getMessage());
            return null;
        }
        // The form must not tell strangers who is on the suppression list: take the address, and send no mail.
        if ($verdict['reason'] === 'suppressed') {
            return null;
        }
        if ($verdict['action'] === 'reject') {
            return 'We cannot send mail to this address.';
        }
        if ($verdict['disposable']) {
            return 'Please enter an address that you will keep.';
        }
        if ($verdict['action'] === 'confirm' && !$confirmed) {
            $suggestion = $verdict['did_you_mean'];
            return $suggestion === null ? 'Is this address right?' : "Did you mean $suggestion?";
        }
        return null;
    }

    /**
     * Returns the event in $body, or null if presend did not sign it within $tolerance seconds.
     * Throws InvalidArgumentException without a secret: with an empty one, anybody could sign.
     */
    public static function verifyWebhook(
        string $id,
        string $timestamp,
        string $signatures,
        string $body,
        string $secret,
        int $tolerance = 300,
    ): ?array {
        $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6), true) : false;
        if ($key === false || strlen($key) < 24) {
            throw new InvalidArgumentException('The secret must be CALLBACK_SECRET, whsec_…');
        }
        if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > $tolerance) {
            return null;
        }
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        foreach (explode(' ', $signatures) as $signature) {
            if (hash_equals($expected, $signature)) {
                return json_decode($body, true);
            }
        }
        return null;
    }

    private function post(string $path, array $body, float $timeout): array
    {
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => ["authorization: Bearer {$this->key}", 'content-type: application/json'],
            'content' => json_encode($body, JSON_THROW_ON_ERROR),
            'timeout' => $timeout,
            'follow_location' => 0,
        ]]);
        error_clear_last();
        $text = @file_get_contents(rtrim($this->url, '/') . $path, false, $context);
        $answer = $text === false ? null : json_decode($text, true);
        if (!is_array($answer)) {
            throw new RuntimeException(error_get_last()['message'] ?? 'the answer is not JSON');
        }
        return $answer;
    }
}
