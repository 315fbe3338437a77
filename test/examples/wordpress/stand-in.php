<?php
// The part of WordPress that the plugin calls, for PHP's own server: `php -S 127.0.0.1:PORT stand-in.php`.
// POST /register, POST /comment and GET|POST /settings do what WordPress does around the plugin's hooks. Options and transients
// are in the JSON file STAND_IN_OPTIONS; the plugin's file is STAND_IN_PLUGIN.

const ABSPATH = '/';
const MINUTE_IN_SECONDS = 60;

final class WP_Error {
	private array $messages = array();
	private array $data = array();
	public function __construct( string $code = '', string $message = '', $data = null ) {
		if ( '' !== $code ) {
			$this->add( $code, $message, $data );
		}
	}
	public function add( string $code, string $message, $data = null ): void {
		$this->messages[ $code ][] = $message;
		$this->data[ $code ] = $data;
	}
	public function has_errors(): bool {
		return array() !== $this->messages;
	}
	public function get_error_message(): string {
		return reset( $this->messages )[0] ?? '';
	}
	public function get_error_messages(): array {
		return array_merge( ...array_values( $this->messages ) );
	}
	public function get_error_data() {
		return reset( $this->data );
	}
}

function is_wp_error( $thing ): bool {
	return $thing instanceof WP_Error;
}

$stand_in_hooks = array();
function add_filter( string $hook, callable $callback, int $priority = 10, int $accepted = 1 ): bool {
	$GLOBALS['stand_in_hooks'][ $hook ][] = array( $callback, $accepted );
	return true;
}
function add_action( string $hook, callable $callback, int $priority = 10, int $accepted = 1 ): bool {
	return add_filter( $hook, $callback, $priority, $accepted );
}
function apply_filters( string $hook, $value, ...$others ) {
	foreach ( $GLOBALS['stand_in_hooks'][ $hook ] ?? array() as list( $callback, $accepted ) ) {
		$value = $callback( ...array_slice( array( $value, ...$others ), 0, $accepted ) );
	}
	return $value;
}
function do_action( string $hook ): void {
	foreach ( $GLOBALS['stand_in_hooks'][ $hook ] ?? array() as list( $callback ) ) {
		$callback();
	}
}

function stand_in_stored(): array {
	return json_decode( (string) @file_get_contents( getenv( 'STAND_IN_OPTIONS' ) ), true ) ?? array();
}
function get_option( string $name, $otherwise = false ) {
	return stand_in_stored()[ $name ] ?? $otherwise;
}
function update_option( string $name, $value, $autoload = null ): bool {
	return false !== file_put_contents( getenv( 'STAND_IN_OPTIONS' ), json_encode( array( $name => $value ) + stand_in_stored() ) );
}
function get_transient( string $name ) {
	list( $value, $until ) = get_option( "_transient_$name", array( false, 0 ) );
	return $until > time() ? $value : false;
}
function set_transient( string $name, $value, int $seconds ): bool {
	return update_option( "_transient_$name", array( $value, time() + $seconds ) );
}

function wp_remote_post( string $url, array $args ) {
	$headers = array();
	foreach ( $args['headers'] as $name => $value ) {
		$headers[] = "$name: $value";
	}
	$context = stream_context_create(
		array(
			'http' => array(
				'method'          => 'POST',
				'header'          => $headers,
				'content'         => $args['body'],
				'timeout'         => $args['timeout'],
				'follow_location' => $args['redirection'] > 0 ? 1 : 0,
				'ignore_errors'   => true,
			),
		)
	);
	$body = @file_get_contents( $url, false, $context );
	if ( false === $body ) {
		return new WP_Error( 'http_request_failed', error_get_last()['message'] );
	}
	return array(
		'response' => array( 'code' => (int) explode( ' ', $http_response_header[0] )[1] ),
		'body'     => $body,
	);
}
function wp_remote_retrieve_response_code( array $response ): int {
	return $response['response']['code'];
}
function wp_remote_retrieve_body( array $response ): string {
	return $response['body'];
}

function wp_json_encode( $value ) {
	return json_encode( $value );
}
function untrailingslashit( string $text ): string {
	return rtrim( $text, '/\\' );
}
function esc_html( $text ): string {
	return htmlspecialchars( (string) $text, ENT_QUOTES );
}
function esc_attr( $text ): string {
	return htmlspecialchars( (string) $text, ENT_QUOTES );
}
function esc_html__( string $text, string $domain ): string {
	return esc_html( $text );
}
function esc_html_e( string $text, string $domain ): void {
	echo esc_html( $text );
}
function esc_url_raw( $url ): string {
	return filter_var( $url, FILTER_VALIDATE_URL ) ? $url : '';
}
function sanitize_text_field( $text ): string {
	return trim( strip_tags( (string) $text ) );
}
function absint( $number ): int {
	return abs( (int) $number );
}
function checked( $is ): void {
	echo $is ? "checked='checked'" : '';
}
function settings_fields( string $group ): void {
	echo '<input type="hidden" name="option_page" value="' . esc_attr( $group ) . '">';
}
function submit_button(): void {
	echo '<input type="submit" value="Save Changes">';
}

$stand_in_settings = array();
function register_setting( string $group, string $name, array $args ): void {
	$GLOBALS['stand_in_settings'][ $group ][ $name ] = $args['sanitize_callback'];
}
$stand_in_pages = array();
function add_options_page( string $title, string $menu, string $capability, string $slug, callable $render ): void {
	$GLOBALS['stand_in_pages'][ $slug ] = $render;
}

require getenv( 'STAND_IN_PLUGIN' );

// A notice or a warning of PHP fails the request.
set_error_handler(
	function ( int $level, string $message ) {
		if ( error_reporting() & $level ) {
			throw new ErrorException( $message );
		}
		return false;
	}
);

$email = $_POST['email'] ?? '';
switch ( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) ) {
	case '/register':
		// As register_new_user() does.
		$errors = new WP_Error();
		if ( ! filter_var( $email, FILTER_VALIDATE_EMAIL ) ) {
			$errors->add( 'invalid_email', 'The email address is not correct.' );
		}
		$errors = apply_filters( 'registration_errors', $errors, 'jane', $email );
		http_response_code( $errors->has_errors() ? 400 : 200 );
		echo $errors->has_errors() ? implode( "\n", $errors->get_error_messages() ) : 'Registration complete.';
		break;
	case '/comment':
		// As wp_new_comment() and wp-comments-post.php do.
		$comment = array( 'comment_author_email' => $email, 'user_id' => (int) ( $_POST['user_id'] ?? 0 ) );
		$approved = apply_filters( 'pre_comment_approved', $_POST['approved'] ?? 1, $comment );
		http_response_code( is_wp_error( $approved ) ? $approved->get_error_data() : 200 );
		echo is_wp_error( $approved ) ? '<p>' . $approved->get_error_message() . '</p>' : "comment_approved: $approved";
		break;
	case '/settings':
		do_action( 'admin_init' );
		do_action( 'admin_menu' );
		if ( 'POST' === $_SERVER['REQUEST_METHOD'] ) {
			// As options.php does.
			foreach ( $stand_in_settings[ $_POST['option_page'] ] as $name => $sanitize ) {
				update_option( $name, $sanitize( $_POST[ $name ] ?? null ) );
			}
		}
		$stand_in_pages['presend']();
		break;
	default:
		http_response_code( 404 );
}
