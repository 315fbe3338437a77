<?php
/**
 * Plugin Name:       presend
 * Description:       Checks the e-mail addresses of registrations and comments with your presend service.
 * Version:           0.1.0
 * Requires at least: 6.0
 * Requires PHP:      7.4
 * License:           MIT
 * Text Domain:       presend
 */

defined( 'ABSPATH' ) || exit;

/** Seconds that a visitor waits for presend at most. After that the address is taken. */
const PRESEND_TIMEOUT = 3;

add_filter( 'registration_errors', 'presend_check_registration', 20, 3 );
add_filter( 'pre_comment_approved', 'presend_check_comment', 20, 2 );
add_action( 'admin_init', 'presend_register_settings' );
add_action( 'admin_menu', 'presend_add_settings_page' );

/** Asks only when WordPress itself has no objection. */
function presend_check_registration( WP_Error $errors, $login, $email ): WP_Error {
	$objection = $errors->has_errors() ? null : presend_objection( (string) $email );
	if ( null !== $objection ) {
		$errors->add( 'presend', $objection );
	}
	return $errors;
}

/** $approved is 0, 1, 'spam', 'trash' or an error, in which case the comment is refused anyway. */
function presend_check_comment( $approved, array $comment ) {
	$email = $comment['comment_author_email'] ?? '';
	if ( ! in_array( $approved, array( 0, 1, '0', '1' ), true ) || ! empty( $comment['user_id'] ) || '' === $email ) {
		return $approved;
	}
	$objection = presend_objection( $email );
	return null === $objection ? $approved : new WP_Error( 'presend', $objection, 400 );
}

/** Returns what the visitor is told about the address, as HTML, or null to take it. */
function presend_objection( string $email ): ?string {
	$verdict = presend_verdict( $email );
	// The form must not tell visitors who is on the suppression list.
	if ( null === $verdict || 'suppressed' === $verdict['reason'] ) {
		return null;
	}
	if ( 'reject' === $verdict['action'] ) {
		return esc_html__( 'We cannot send mail to this address. Please check it, or use another one.', 'presend' );
	}
	if ( ! empty( $verdict['disposable'] ) && get_option( 'presend_block_disposable' ) ) {
		return esc_html__( 'Please enter an address that you will keep.', 'presend' );
	}
	return 'confirm' === $verdict['action'] ? presend_question( $email, $verdict['did_you_mean'] ?? null ) : null;
}

/** Asks once: the visitor who sends the same address again within ten minutes means it. */
function presend_question( string $email, ?string $suggestion ): ?string {
	$asked = 'presend_asked_' . md5( $email );
	if ( get_transient( $asked ) ) {
		return null;
	}
	set_transient( $asked, 1, 10 * MINUTE_IN_SECONDS );
	return null === $suggestion
		? esc_html__( 'Is this address right? If it is, send the form again.', 'presend' )
		/* translators: %s: the suggested address */
		: sprintf( esc_html__( 'Did you mean %s? If your address is right, send the form again.', 'presend' ), esc_html( $suggestion ) );
}

/** Returns the verdict, or null if presend is not set up or does not answer: a registration does not depend on it. */
function presend_verdict( string $email ): ?array {
	$url = (string) get_option( 'presend_url' );
	$key = (string) get_option( 'presend_key' );
	if ( '' === $url || '' === $key ) {
		return null;
	}
	$response = wp_remote_post(
		untrailingslashit( $url ) . '/v1/validate',
		array(
			'timeout'     => PRESEND_TIMEOUT,
			'redirection' => 0,
			'headers'     => array(
				'Authorization' => "Bearer $key",
				'Content-Type'  => 'application/json',
			),
			'body'        => wp_json_encode( array( 'email' => $email, 'purpose' => 'signup', 'source' => 'wordpress' ) ),
		)
	);
	$problem = is_wp_error( $response ) ? $response->get_error_message() : null;
	$verdict = null === $problem ? json_decode( wp_remote_retrieve_body( $response ), true ) : null;
	if ( null === $problem && ! isset( $verdict['reason'], $verdict['action'] ) ) {
		$problem = 'HTTP ' . wp_remote_retrieve_response_code( $response );
	}
	update_option( 'presend_problem', (string) $problem, false );
	return null === $problem ? $verdict : null;
}

function presend_register_settings(): void {
	register_setting( 'presend', 'presend_url', array( 'sanitize_callback' => 'esc_url_raw' ) );
	register_setting( 'presend', 'presend_key', array( 'sanitize_callback' => 'sanitize_text_field' ) );
	register_setting( 'presend', 'presend_block_disposable', array( 'sanitize_callback' => 'absint' ) );
}

function presend_add_settings_page(): void {
	add_options_page( 'presend', 'presend', 'manage_options', 'presend', 'presend_settings_page' );
}

function presend_settings_page(): void {
	$problem = (string) get_option( 'presend_problem' );
	?>
	<div class="wrap">
		<h1>presend</h1>
		<?php if ( '' !== $problem ) : ?>
			<div class="notice notice-warning"><p>
				<?php esc_html_e( 'The last address was taken without a check:', 'presend' ); ?>
				<code><?php echo esc_html( $problem ); ?></code>
			</p></div>
		<?php endif; ?>
		<form action="options.php" method="post">
			<?php settings_fields( 'presend' ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="presend_url"><?php esc_html_e( 'URL of the service', 'presend' ); ?></label></th>
					<td><input id="presend_url" name="presend_url" type="url" class="regular-text" placeholder="https://presend.example.com" value="<?php echo esc_attr( get_option( 'presend_url' ) ); ?>"></td>
				</tr>
				<tr>
					<th scope="row"><label for="presend_key"><?php esc_html_e( 'Secret key (scope validate)', 'presend' ); ?></label></th>
					<td><input id="presend_key" name="presend_key" type="password" class="regular-text" autocomplete="off" value="<?php echo esc_attr( get_option( 'presend_key' ) ); ?>"></td>
				</tr>
				<tr>
					<th scope="row"><?php esc_html_e( 'Disposable addresses', 'presend' ); ?></th>
					<td><label><input name="presend_block_disposable" type="checkbox" value="1" <?php checked( get_option( 'presend_block_disposable' ) ); ?>> <?php esc_html_e( 'Refuse them', 'presend' ); ?></label></td>
				</tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}
