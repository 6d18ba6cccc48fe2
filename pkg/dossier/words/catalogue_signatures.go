package words

// signatureTexts are the sentences on signatures that servers made: packages dkim and, of ARC, authres. {} is as in freeTexts.
func signatureTexts() []row {
	return append(append(dated(), trials()...), []row{
		// what a signature shows
		{"a signature field that is broken", "un champ de signature défectueux", "ein fehlerhaftes Signaturfeld", "un campo de firma defectuoso"},
		{"it shows nothing", "il ne montre rien", "es zeigt nichts", "no muestra nada"},
		{"with that undone the signature holds", "cela défait, la signature est valable", "macht man das rückgängig, so gilt die Signatur", "deshecho eso, la firma es válida"},
		{"it does not show who typed it", "cela ne montre pas qui l’a tapé", "das zeigt nicht, wer getippt hat", "no muestra quién lo tecleó"},
		{"what stands in the body after the signed bytes is not signed", "ce qui suit les octets signés dans le corps n’est pas signé", "was im Text nach den signierten Bytes steht, ist nicht signiert", "lo que sigue en el cuerpo a los bytes firmados no está firmado"},
		{"the body is not as it was signed", "le corps n’est pas tel qu’il a été signé", "der Text ist nicht so, wie er signiert wurde", "el cuerpo no está como se firmó"},
		{"the body could not be compared", "le corps n’a pu être comparé", "der Text ließ sich nicht vergleichen", "el cuerpo no pudo compararse"},
		{"it was changed afterwards", "il a été modifié ensuite", "sie wurde danach geändert", "se modificó después"},
		{"header fields", "des champs d’en-tête", "Kopffelder", "campos de cabecera"},
		{"the body is the one that the signature field names, but the signature does not fit the header fields and the key of {} at hand: a field was changed after signing, or the key is not the one of then", "le corps est celui que nomme le champ de signature, mais la signature ne correspond pas aux champs d’en-tête et à la clé de {} disponible : un champ a été modifié après la signature, ou la clé n’est pas celle d’alors", "der Text ist der, den das Signaturfeld nennt, doch die Signatur passt nicht zu den Kopffeldern und dem vorhandenen Schlüssel von {}: Ein Feld wurde nach dem Signieren geändert, oder der Schlüssel ist nicht der von damals", "el cuerpo es el que nombra el campo de firma, pero la firma no concuerda con los campos de cabecera y la clave disponible de {}: se modificó un campo después de firmar, o la clave no es la de entonces"},
		{"neither the body nor the signature over the header fields fits the key of {} at hand: the message was changed after signing, or was not signed by that domain", "ni le corps ni la signature des champs d’en-tête ne correspondent à la clé de {} disponible : le message a été modifié après la signature, ou n’a pas été signé par ce domaine", "weder der Text noch die Signatur über die Kopffelder passt zum vorhandenen Schlüssel von {}: Die Nachricht wurde nach dem Signieren geändert oder nicht von dieser Domain signiert", "ni el cuerpo ni la firma de los campos de cabecera concuerdan con la clave disponible de {}: el mensaje se modificó después de firmar, o no lo firmó ese dominio"},
		{"the signature does not fit header, body and the key of {} at hand: the message was changed after signing, or the key is not the one of then", "la signature ne correspond pas à l’en-tête, au corps et à la clé de {} disponible : le message a été modifié après la signature, ou la clé n’est pas celle d’alors", "die Signatur passt nicht zu Kopf, Text und dem vorhandenen Schlüssel von {}: Die Nachricht wurde nach dem Signieren geändert, oder der Schlüssel ist nicht der von damals", "la firma no concuerda con la cabecera, el cuerpo y la clave disponible de {}: el mensaje se modificó después de firmar, o la clave no es la de entonces"},
		{"the body is as the signature field of {} names it", "le corps est tel que le nomme le champ de signature de {}", "der Text ist so, wie ihn das Signaturfeld von {} nennt", "el cuerpo está como lo nombra el campo de firma de {}"},
		{"the first {} bytes of the body are as the signature field of {} names them, what follows is not signed", "les {} premiers octets du corps sont tels que les nomme le champ de signature de {}, la suite n’est pas signée", "die ersten {} Bytes des Textes sind so, wie sie das Signaturfeld von {} nennt, was folgt, ist nicht signiert", "los primeros {} bytes del cuerpo están como los nombra el campo de firma de {}, lo que sigue no está firmado"},
		{"the body is not the one that the signature field of {} names", "le corps n’est pas celui que nomme le champ de signature de {}", "der Text ist nicht der, den das Signaturfeld von {} nennt", "el cuerpo no es el que nombra el campo de firma de {}"},
		{"a signature field of {} that could not be computed", "un champ de signature de {} qui n’a pu être calculé", "ein Signaturfeld von {}, das sich nicht berechnen ließ", "un campo de firma de {} que no pudo calcularse"},
		{"its algorithm is not known here", "son algorithme n’est pas connu ici", "der Algorithmus ist hier nicht bekannt", "su algoritmo no se conoce aquí"},
		{"the domain has withdrawn the key (its record is empty), so the signature itself can no longer be checked: that alone does not make it false", "le domaine a retiré la clé (son enregistrement est vide) ; la signature elle-même ne peut donc plus être vérifiée : cela seul ne la rend pas fausse", "die Domain hat den Schlüssel zurückgezogen (sein Eintrag ist leer), daher lässt sich die Signatur selbst nicht mehr prüfen: Das allein macht sie nicht falsch", "el dominio ha retirado la clave (su registro está vacío), así que la firma misma ya no puede comprobarse: eso solo no la hace falsa"},
		{"the signature is not counted: {}", "la signature n’est pas retenue : {}", "die Signatur zählt nicht: {}", "la firma no se tiene en cuenta: {}"},
		{"the signature itself was not checked: the key record at hand cannot be used", "la signature elle-même n’a pas été vérifiée : l’enregistrement de clé disponible est inutilisable", "die Signatur selbst wurde nicht geprüft: Der vorhandene Schlüsseleintrag ist nicht verwendbar", "la firma misma no se comprobó: el registro de clave disponible no se puede usar"},
		{"the signature itself was not checked: the key {} is not at hand", "la signature elle-même n’a pas été vérifiée : la clé {} n’est pas disponible", "die Signatur selbst wurde nicht geprüft: Der Schlüssel {} ist nicht vorhanden", "la firma misma no se comprobó: la clave {} no está disponible"},
		{"not signed: {}", "non signés : {}", "nicht signiert: {}", "sin firmar: {}"},
		{"that is not the domain of the From address", "ce n’est pas le domaine de l’adresse From", "das ist nicht die Domain der From-Adresse", "ese no es el dominio de la dirección From"},
		{"the signature was good until {} and had expired when the mail was received on {}", "la signature valait jusqu’au {} et avait expiré à la réception du courriel le {}", "die Signatur galt bis {} und war beim Eingang der E-Mail am {} abgelaufen", "la firma valía hasta el {} y había caducado cuando se recibió el correo el {}"},
		{"valid when signed and when received on {}, expired since ({})", "valable à la signature et à la réception le {}, expirée depuis ({})", "gültig beim Signieren und beim Eingang am {}, seither abgelaufen ({})", "válida al firmarse y al recibirse el {}, caducada desde entonces ({})"},
		{"valid when signed, expired since ({})", "valable à la signature, expirée depuis ({})", "gültig beim Signieren, seither abgelaufen ({})", "válida al firmarse, caducada desde entonces ({})"},
		{"the domain's key record says that it is testing (t=y)", "l’enregistrement de clé du domaine dit qu’il est à l’essai (t=y)", "der Schlüsseleintrag der Domain nennt sich Test (t=y)", "el registro de clave del dominio dice que está en pruebas (t=y)"},
		{"the key of {} bits is weak: others could have found it out by now", "la clé de {} bits est faible : d’autres ont pu la trouver depuis", "der Schlüssel von {} Bit ist schwach: Andere können ihn inzwischen ermittelt haben", "la clave de {} bits es débil: otros han podido averiguarla ya"},
		{"SHA-1 was the measure of its time and is weak today", "SHA-1 était l’usage de son temps et est faible aujourd’hui", "SHA-1 war zu seiner Zeit üblich und ist heute schwach", "SHA-1 era lo usual en su tiempo y hoy es débil"},
		{"{} was the measure of its time and is weak today", "{} était l’usage de son temps et est faible aujourd’hui", "{} war zu seiner Zeit üblich und ist heute schwach", "{} era lo usual en su tiempo y hoy es débil"},

		// why something does not fit
		{"the reason was not looked for, the body is larger than {} bytes", "le motif n’a pas été cherché, le corps dépasse {} octets", "der Grund wurde nicht gesucht, der Text ist größer als {} Bytes", "no se buscó el motivo: el cuerpo supera los {} bytes"},
		{"bh= is not of the length of a hash of {}", "bh= n’a pas la longueur d’une empreinte {}", "bh= hat nicht die Länge eines Hashwerts von {}", "bh= no tiene la longitud de un resumen {}"},
		{"no usual change explains the body hash (line endings, >From, a footer or banner, blanks at line ends, encoding)", "aucune modification habituelle n’explique l’empreinte du corps (fins de ligne, >From, pied ou bandeau, blancs en fin de ligne, codage)", "keine übliche Änderung erklärt den Hashwert des Textes (Zeilenenden, >From, Fußzeile oder Banner, Leerzeichen am Zeilenende, Kodierung)", "ningún cambio habitual explica el resumen del cuerpo (finales de línea, >From, pie o encabezado añadido, blancos finales, codificación)"},
		{"the signature was not made with the key at hand (another key since under the same name, a damaged signature field, or a forgery)", "la signature n’a pas été faite avec la clé disponible (une autre clé depuis sous le même nom, un champ de signature abîmé, ou un faux)", "die Signatur wurde nicht mit dem vorhandenen Schlüssel erzeugt (seither ein anderer Schlüssel unter demselben Namen, ein beschädigtes Signaturfeld oder eine Fälschung)", "la firma no se hizo con la clave disponible (otra clave desde entonces con el mismo nombre, un campo de firma dañado o una falsificación)"},
		{"the signature was made with this key, but over other header fields than those that stand here, and no usual change explains it", "la signature a été faite avec cette clé, mais sur d’autres champs d’en-tête que ceux qui figurent ici, et aucune modification habituelle ne l’explique", "die Signatur wurde mit diesem Schlüssel erzeugt, aber über andere Kopffelder, als hier stehen, und keine übliche Änderung erklärt das", "la firma se hizo con esta clave, pero sobre otros campos de cabecera que los que figuran aquí, y ningún cambio habitual lo explica"},
		{"no usual change of the header explains it", "aucune modification habituelle de l’en-tête ne l’explique", "keine übliche Änderung des Kopfes erklärt das", "ningún cambio habitual de la cabecera lo explica"},

		// notes
		{"{} more signature fields follow, beyond the bound of {}: they were not examined", "{} autres champs de signature suivent, au-delà de la limite de {} : ils n’ont pas été examinés", "{} weitere Signaturfelder folgen, über die Grenze von {} hinaus: Sie wurden nicht untersucht", "siguen {} campos de firma más, por encima del límite de {}: no se examinaron"},
		{"the header is too large to be computed for every signature", "l’en-tête est trop grand pour être calculé pour chaque signature", "der Kopf ist zu groß, um für jede Signatur berechnet zu werden", "la cabecera es demasiado grande para calcularse con cada firma"},
		{"the look-up of the key {} failed: {}", "la recherche de la clé {} a échoué : {}", "die Abfrage des Schlüssels {} scheiterte: {}", "la consulta de la clave {} falló: {}"},
		{"{} differing records are known for the key {}; each was tried", "{} enregistrements différents sont connus pour la clé {} ; chacun a été essayé", "{} verschiedene Einträge sind für den Schlüssel {} bekannt; jeder wurde versucht", "se conocen {} registros distintos de la clave {}; se probó cada uno"},
		{"the key record cannot be used: {}", "l’enregistrement de clé est inutilisable : {}", "der Schlüsseleintrag ist nicht verwendbar: {}", "el registro de clave no se puede usar: {}"},
		{"not counted: {}; the numbers do fit the key", "non retenue : {} ; le calcul correspond bien à la clé", "nicht gezählt: {}; rechnerisch passt sie zum Schlüssel", "no se tiene en cuenta: {}; el cálculo sí concuerda con la clave"},
		{"not counted: {}", "non retenue : {}", "nicht gezählt: {}", "no se tiene en cuenta: {}"},
		{"a signature without a body hash (bh=), as in drafts before RFC 4871: one hash over header and body", "une signature sans empreinte du corps (bh=), comme dans les projets antérieurs à la RFC 4871 : une seule empreinte de l’en-tête et du corps", "eine Signatur ohne Hashwert des Textes (bh=), wie in den Entwürfen vor RFC 4871: ein Hashwert über Kopf und Text", "una firma sin resumen del cuerpo (bh=), como en los borradores anteriores a la RFC 4871: un solo resumen de cabecera y cuerpo"},
		{"the sender's address is not known: RFC 4870 binds it to the signing domain", "l’adresse de l’expéditeur n’est pas connue : la RFC 4870 la lie au domaine signataire", "die Adresse des Absenders ist nicht bekannt: RFC 4870 bindet sie an die signierende Domain", "no se conoce la dirección del remitente: la RFC 4870 la vincula al dominio firmante"},
		{"the sender {} lies outside the signing domain d={} (RFC 4870 §3.3: it must not)", "l’expéditeur {} est hors du domaine signataire d={} (RFC 4870 §3.3 : ce n’est pas permis)", "der Absender {} liegt außerhalb der signierenden Domain d={} (RFC 4870 §3.3: nicht erlaubt)", "el remitente {} está fuera del dominio firmante d={} (RFC 4870 §3.3: no se permite)"},
		{"the signature expires (x=) before it is made (t=)", "la signature expire (x=) avant d’être faite (t=)", "die Signatur läuft ab (x=), bevor sie erzeugt ist (t=)", "la firma caduca (x=) antes de hacerse (t=)"},
		{"the signature says it was made on {}, after the mail was received on {}", "la signature se dit faite le {}, après la réception du courriel le {}", "die Signatur nennt {} als ihre Zeit, nach dem Eingang der E-Mail am {}", "la firma dice haberse hecho el {}, después de recibirse el correo el {}"},
		{"the signature covers the first {} bytes of the canonical body (l=); {} bytes follow that it does not cover", "la signature couvre les {} premiers octets du corps canonique (l=) ; suivent {} octets qu’elle ne couvre pas", "die Signatur deckt die ersten {} Bytes des kanonischen Textes (l=); es folgen {} Bytes, die sie nicht deckt", "la firma cubre los primeros {} bytes del cuerpo canónico (l=); siguen {} bytes que no cubre"},
		{"the signature says that it covers {} bytes of body (l=), the body has {}", "la signature dit couvrir {} octets du corps (l=), le corps en a {}", "die Signatur will {} Bytes des Textes decken (l=), der Text hat {}", "la firma dice cubrir {} bytes del cuerpo (l=), el cuerpo tiene {}"},
		{"the signature covers {} bytes of body (l=): text could be added after them without breaking it", "la signature couvre {} octets du corps (l=) : du texte pourrait y être ajouté à la suite sans l’invalider", "die Signatur deckt {} Bytes des Textes (l=): Danach könnte Text angefügt werden, ohne sie zu brechen", "la firma cubre {} bytes del cuerpo (l=): después se podría añadir texto sin invalidarla"},
		{"the message has {} {} fields; the signature covers the {} lowest", "le message a {} champs {} ; la signature couvre les {} plus bas", "die Nachricht hat {} Felder {}; die Signatur deckt die {} untersten", "el mensaje tiene {} campos {}; la firma cubre los {} más bajos"},
		{"the version (v=) is missing, as in drafts before RFC 4871; computed all the same", "la version (v=) manque, comme dans les projets antérieurs à la RFC 4871 ; calculée tout de même", "die Version (v=) fehlt, wie in den Entwürfen vor RFC 4871; trotzdem berechnet", "falta la versión (v=), como en los borradores anteriores a la RFC 4871; calculada de todos modos"},
		{"the version is v={}, not 1; computed by the rules of version 1", "la version est v={}, non 1 ; calculée selon les règles de la version 1", "die Version ist v={}, nicht 1; nach den Regeln der Version 1 berechnet", "la versión es v={}, no 1; calculada según las reglas de la versión 1"},
		{"the algorithm {} is unknown: nothing could be computed", "l’algorithme {} est inconnu : rien n’a pu être calculé", "der Algorithmus {} ist unbekannt: Nichts ließ sich berechnen", "el algoritmo {} es desconocido: no se pudo calcular nada"},
		{"the canonicalization {} is unknown: what depends on it could not be computed", "la canonisation {} est inconnue : ce qui en dépend n’a pu être calculé", "die Kanonisierung {} ist unbekannt: Was davon abhängt, ließ sich nicht berechnen", "la canonización {} es desconocida: lo que depende de ella no se pudo calcular"},
		{"{}={} is no time that can be told", "{}={} n’est pas un instant que l’on puisse dire", "{}={} ist kein angebbarer Zeitpunkt", "{}={} no es una hora que pueda indicarse"},
		{"the identity i={} lies outside the signing domain d={} (RFC 6376 §3.5: it must not)", "l’identité i={} est hors du domaine signataire d={} (RFC 6376 §3.5 : ce n’est pas permis)", "die Identität i={} liegt außerhalb der signierenden Domain d={} (RFC 6376 §3.5: nicht erlaubt)", "la identidad i={} está fuera del dominio firmante d={} (RFC 6376 §3.5: no se permite)"},
		{"q={} names no known way to the key", "q={} ne nomme aucun moyen connu d’obtenir la clé", "q={} nennt keinen bekannten Weg zum Schlüssel", "q={} no nombra ninguna vía conocida a la clave"},

		// signature fields that are broken
		{"the signature field cannot be read: {}", "le champ de signature est illisible : {}", "das Signaturfeld ist nicht lesbar: {}", "el campo de firma no se puede leer: {}"},
		{"the field cannot be read: {}", "le champ est illisible : {}", "das Feld ist nicht lesbar: {}", "el campo no se puede leer: {}"},
		{"the signature does not name the domain and selector of its key", "la signature ne nomme pas le domaine et le sélecteur de sa clé", "die Signatur nennt Domain und Selektor ihres Schlüssels nicht", "la firma no nombra el dominio y el selector de su clave"},
		{"it does not name the domain and selector of its key", "il ne nomme pas le domaine et le sélecteur de sa clé", "es nennt Domain und Selektor seines Schlüssels nicht", "no nombra el dominio y el selector de su clave"},
		{"d={} is no domain", "d={} n’est pas un domaine", "d={} ist keine Domain", "d={} no es un dominio"},
		{"the field holds no signature (no b=)", "le champ ne contient pas de signature (pas de b=)", "das Feld enthält keine Signatur (kein b=)", "el campo no contiene firma (sin b=)"},
		{"it holds no signature (no b=)", "il ne contient pas de signature (pas de b=)", "es enthält keine Signatur (kein b=)", "no contiene firma (sin b=)"},
		{"the signature in b= is no base64", "la signature dans b= n’est pas du base64", "die Signatur in b= ist kein Base64", "la firma en b= no es base64"},
		{"the field does not say which header fields are signed (no h=)", "le champ ne dit pas quels champs d’en-tête sont signés (pas de h=)", "das Feld sagt nicht, welche Kopffelder signiert sind (kein h=)", "el campo no dice qué campos de cabecera están firmados (sin h=)"},
		{"it does not say which header fields are signed (no h=)", "il ne dit pas quels champs d’en-tête sont signés (pas de h=)", "es sagt nicht, welche Kopffelder signiert sind (kein h=)", "no dice qué campos de cabecera están firmados (sin h=)"},
		{"the field holds no body hash (no bh=)", "le champ ne contient pas d’empreinte du corps (pas de bh=)", "das Feld enthält keinen Hashwert des Textes (kein bh=)", "el campo no contiene resumen del cuerpo (sin bh=)"},
		{"it holds no body hash (no bh=)", "il ne contient pas d’empreinte du corps (pas de bh=)", "es enthält keinen Hashwert des Textes (kein bh=)", "no contiene resumen del cuerpo (sin bh=)"},
		{"the field names no algorithm (no a=)", "le champ ne nomme pas d’algorithme (pas de a=)", "das Feld nennt keinen Algorithmus (kein a=)", "el campo no nombra ningún algoritmo (sin a=)"},
		{"the body length l={} is no number", "la longueur du corps l={} n’est pas un nombre", "die Textlänge l={} ist keine Zahl", "la longitud del cuerpo l={} no es un número"},
		{"the body hash bh= is empty", "l’empreinte du corps bh= est vide", "der Hashwert des Textes bh= ist leer", "el resumen del cuerpo bh= está vacío"},
		{"the body hash bh= is no base64", "l’empreinte du corps bh= n’est pas du base64", "der Hashwert des Textes bh= ist kein Base64", "el resumen del cuerpo bh= no es base64"},
		{"{} is no tag=value pair", "{} n’est pas une paire étiquette=valeur", "{} ist kein Paar Name=Wert", "{} no es un par etiqueta=valor"},
		{"{} is no tag name", "{} n’est pas un nom d’étiquette", "{} ist kein Name eines Paares", "{} no es un nombre de etiqueta"},
		{"the tag {} stands twice", "l’étiquette {} figure deux fois", "der Name {} steht zweimal da", "la etiqueta {} figura dos veces"},
		{"more than {} tags", "plus de {} étiquettes", "mehr als {} Paare", "más de {} etiquetas"},

		// key records
		{"v={} is no DKIM key record", "v={} n’est pas un enregistrement de clé DKIM", "v={} ist kein DKIM-Schlüsseleintrag", "v={} no es un registro de clave DKIM"},
		{"the record holds no key (no p=)", "l’enregistrement ne contient pas de clé (pas de p=)", "der Eintrag enthält keinen Schlüssel (kein p=)", "el registro no contiene clave (sin p=)"},
		{"the key in p= is no base64", "la clé dans p= n’est pas du base64", "der Schlüssel in p= ist kein Base64", "la clave en p= no es base64"},
		{"the key in p= is no RSA key", "la clé dans p= n’est pas une clé RSA", "der Schlüssel in p= ist kein RSA-Schlüssel", "la clave en p= no es una clave RSA"},
		{"the key in p= is no RSA key in a known wrapping", "la clé dans p= n’est pas une clé RSA sous une forme connue", "der Schlüssel in p= ist kein RSA-Schlüssel in bekannter Form", "la clave en p= no es una clave RSA en una forma conocida"},
		{"the numbers in p= are no RSA key", "les nombres dans p= ne forment pas une clé RSA", "die Zahlen in p= sind kein RSA-Schlüssel", "los números en p= no forman una clave RSA"},
		{"an RSA key of {} bits is beyond the bound of {}", "une clé RSA de {} bits dépasse la limite de {}", "ein RSA-Schlüssel von {} Bit liegt über der Grenze von {}", "una clave RSA de {} bits supera el límite de {}"},
		{"an Ed25519 key has 32 bytes, this one {}", "une clé Ed25519 a 32 octets, celle-ci {}", "ein Ed25519-Schlüssel hat 32 Bytes, dieser {}", "una clave Ed25519 tiene 32 bytes, esta {}"},
		{"unknown kind of key k={}", "type de clé inconnu k={}", "unbekannte Schlüsselart k={}", "tipo de clave desconocido k={}"},
		{"the key record holds a key of type {}, the signature is {}", "l’enregistrement contient une clé de type {}, la signature est {}", "der Schlüsseleintrag enthält einen Schlüssel der Art {}, die Signatur ist {}", "el registro contiene una clave de tipo {}, la firma es {}"},
		{"the key record does not allow {} (h={}; RFC 6376 §6.1.2)", "l’enregistrement de clé ne permet pas {} (h={} ; RFC 6376 §6.1.2)", "der Schlüsseleintrag erlaubt {} nicht (h={}; RFC 6376 §6.1.2)", "el registro de clave no permite {} (h={}; RFC 6376 §6.1.2)"},
		{"the key record is not for mail (s={}; RFC 6376 §3.6.1)", "l’enregistrement de clé n’est pas pour le courriel (s={} ; RFC 6376 §3.6.1)", "der Schlüsseleintrag ist nicht für E-Mail (s={}; RFC 6376 §3.6.1)", "el registro de clave no es para correo (s={}; RFC 6376 §3.6.1)"},
		{"the key record allows no subdomain in i={} (t=s; RFC 6376 §3.6.1)", "l’enregistrement de clé ne permet pas de sous-domaine dans i={} (t=s ; RFC 6376 §3.6.1)", "der Schlüsseleintrag erlaubt keine Subdomain in i={} (t=s; RFC 6376 §3.6.1)", "el registro de clave no permite subdominios en i={} (t=s; RFC 6376 §3.6.1)"},
		{"the key record is for the local part {} alone (g=; RFC 4871 §3.6.1)", "l’enregistrement de clé ne vaut que pour la partie locale {} (g= ; RFC 4871 §3.6.1)", "der Schlüsseleintrag gilt nur für den lokalen Teil {} (g=; RFC 4871 §3.6.1)", "el registro de clave vale solo para la parte local {} (g=; RFC 4871 §3.6.1)"},
		{"the key record is for the local part {} alone (g=; RFC 4870 §3.2.3)", "l’enregistrement de clé ne vaut que pour la partie locale {} (g= ; RFC 4870 §3.2.3)", "der Schlüsseleintrag gilt nur für den lokalen Teil {} (g=; RFC 4870 §3.2.3)", "el registro de clave vale solo para la parte local {} (g=; RFC 4870 §3.2.3)"},
		{"a key of {} bits does not count (RFC 8301 §3.2)", "une clé de {} bits n’est pas retenue (RFC 8301 §3.2)", "ein Schlüssel von {} Bit zählt nicht (RFC 8301 §3.2)", "una clave de {} bits no se tiene en cuenta (RFC 8301 §3.2)"},

		// ARC
		{"its form is right, and the body is as the newest set names it", "sa forme est correcte, et le corps est tel que le nomme le jeu le plus récent", "ihre Form stimmt, und der Text ist so, wie ihn der neueste Satz nennt", "su forma es correcta, y el cuerpo está como lo nombra el conjunto más reciente"},
		{"the seals were not all checked for want of {}", "les sceaux n’ont pas tous été vérifiés, faute de {}", "nicht alle Siegel wurden geprüft, es fehlt {}", "no se comprobaron todos los sellos: falta {}"},
		{"sealed by {}, in this order", "scellé par {}, dans cet ordre", "versiegelt von {}, in dieser Reihenfolge", "sellado por {}, en este orden"},
		{"sealed by {}", "scellé par {}", "versiegelt von {}", "sellado por {}"},
		{"unchanged since the first seal", "inchangé depuis le premier sceau", "unverändert seit dem ersten Siegel", "sin cambios desde el primer sello"},
		{"unchanged since set {}", "inchangé depuis le jeu {}", "unverändert seit Satz {}", "sin cambios desde el conjunto {}"},
		{"between sets {} and {} the body was changed", "entre les jeux {} et {} le corps a été modifié", "zwischen den Sätzen {} und {} wurde der Text geändert", "entre los conjuntos {} y {} se modificó el cuerpo"},
		{"between sets {} and {} header fields were changed", "entre les jeux {} et {} des champs d’en-tête ont été modifiés", "zwischen den Sätzen {} und {} wurden Kopffelder geändert", "entre los conjuntos {} y {} se modificaron campos de cabecera"},
		{"before that it is not known, for the message signature of set {} could not be checked", "avant cela on ne sait pas, car la signature du message du jeu {} n’a pu être vérifiée", "davor ist es nicht bekannt, denn die Nachrichtensignatur von Satz {} ließ sich nicht prüfen", "antes de eso no se sabe, pues la firma del mensaje del conjunto {} no pudo comprobarse"},
		{"that shows what these servers vouch for, not who typed it", "cela montre ce dont ces serveurs répondent, non qui l’a tapé", "das zeigt, wofür diese Server einstehen, nicht, wer getippt hat", "muestra de qué responden esos servidores, no quién lo tecleó"},
		{"the seal of set {} ({})", "le sceau du jeu {} ({})", "das Siegel von Satz {} ({})", "el sello del conjunto {} ({})"},
		{"the message signature of set {} ({})", "la signature du message du jeu {} ({})", "die Nachrichtensignatur von Satz {} ({})", "la firma del mensaje del conjunto {} ({})"},
		{"the body is not the one that {} names: it was changed after the last sealer", "le corps n’est pas celui que nomme {} : il a été modifié après le dernier scelleur", "der Text ist nicht der, den {} nennt: Er wurde nach dem letzten Versiegler geändert", "el cuerpo no es el que nombra {}: se modificó después del último sellador"},
		{"{} does not fit the header fields that it covers and the key at hand", "{} : ne correspond pas aux champs d’en-tête couverts et à la clé disponible", "{}: passt nicht zu den gedeckten Kopffeldern und dem vorhandenen Schlüssel", "{}: no concuerda con los campos de cabecera que cubre y la clave disponible"},
		{"{} does not count: {}", "{} n’est pas retenu : {}", "{} zählt nicht: {}", "{} no se tiene en cuenta: {}"},
		{"{} cannot be computed: the key record at hand is none that can be used", "{} : calcul impossible, l’enregistrement de clé disponible est inutilisable", "{}: nicht berechenbar, der vorhandene Schlüsseleintrag ist nicht verwendbar", "{}: no se puede calcular, el registro de clave disponible no se puede usar"},
		{"there are {} ARC fields; a chain has at most {} sets (RFC 8617 §4.2.1)", "il y a {} champs ARC ; une chaîne a au plus {} jeux (RFC 8617 §4.2.1)", "es gibt {} ARC-Felder; eine Kette hat höchstens {} Sätze (RFC 8617 §4.2.1)", "hay {} campos ARC; una cadena tiene como máximo {} conjuntos (RFC 8617 §4.2.1)"},
		{"set {} has no {} (RFC 8617 §5.2)", "le jeu {} n’a pas de {} (RFC 8617 §5.2)", "Satz {} hat kein {} (RFC 8617 §5.2)", "el conjunto {} no tiene {} (RFC 8617 §5.2)"},
		{"set {} has more than one {} (RFC 8617 §5.2)", "le jeu {} a plus d’un {} (RFC 8617 §5.2)", "Satz {} hat mehr als ein {} (RFC 8617 §5.2)", "el conjunto {} tiene más de un {} (RFC 8617 §5.2)"},
		{"an {} field names no instance from 1 to {} (i=; RFC 8617 §4.2.1)", "un champ {} ne nomme pas d’instance de 1 à {} (i= ; RFC 8617 §4.2.1)", "ein Feld {} nennt keine Instanz von 1 bis {} (i=; RFC 8617 §4.2.1)", "un campo {} no nombra ninguna instancia de 1 a {} (i=; RFC 8617 §4.2.1)"},
		{"{}, sealer {}, recorded that the chain was broken when the mail came to it (cv=fail)", "{}, scelleur {}, a enregistré que la chaîne était rompue à l’arrivée du courriel (cv=fail)", "{}, Versiegler {}, vermerkte, dass die Kette beim Eingang der E-Mail gebrochen war (cv=fail)", "{}, sellador {}, registró que la cadena estaba rota cuando le llegó el correo (cv=fail)"},
		{"the seal of set {} says cv={}, which cannot stand there (RFC 8617 §5.2)", "le sceau du jeu {} dit cv={}, ce qui ne peut y figurer (RFC 8617 §5.2)", "das Siegel von Satz {} sagt cv={}, was dort nicht stehen kann (RFC 8617 §5.2)", "el sello del conjunto {} dice cv={}, que no puede figurar ahí (RFC 8617 §5.2)"},
		{"the seal of set {} is broken: {}", "le sceau du jeu {} est défectueux : {}", "das Siegel von Satz {} ist fehlerhaft: {}", "el sello del conjunto {} es defectuoso: {}"},
		{"the message signature of set {} is broken: {}", "la signature du message du jeu {} est défectueuse : {}", "die Nachrichtensignatur von Satz {} ist fehlerhaft: {}", "la firma del mensaje del conjunto {} es defectuosa: {}"},
		{"the algorithm a={} is none that seals (RFC 8617 §4.1)", "l’algorithme a={} n’est pas de ceux qui scellent (RFC 8617 §4.1)", "der Algorithmus a={} ist keiner zum Versiegeln (RFC 8617 §4.1)", "el algoritmo a={} no es de los que sellan (RFC 8617 §4.1)"},
		{"its time (t=) cannot be read", "son heure (t=) est illisible", "die Zeit (t=) ist nicht lesbar", "su hora (t=) no se puede leer"},
		{"a seal must have no h= (RFC 8617 §4.1.3)", "un sceau ne doit pas avoir de h= (RFC 8617 §4.1.3)", "ein Siegel darf kein h= haben (RFC 8617 §4.1.3)", "un sello no debe tener h= (RFC 8617 §4.1.3)"},
		{"the canonicalization {} is unknown", "la canonisation {} est inconnue", "die Kanonisierung {} ist unbekannt", "la canonización {} es desconocida"},
		{"it covers an ARC-Seal, which it must not (RFC 8617 §4.1.2)", "elle couvre un ARC-Seal, ce qui n’est pas permis (RFC 8617 §4.1.2)", "sie deckt ein ARC-Seal, was nicht erlaubt ist (RFC 8617 §4.1.2)", "cubre un ARC-Seal, lo que no se permite (RFC 8617 §4.1.2)"},
		{"{} field {} from the top has no i= from 1 to 50", "le champ {} numéro {} depuis le haut n’a pas de i= de 1 à 50", "das Feld {} Nummer {} von oben hat kein i= von 1 bis 50", "el campo {} número {} desde arriba no tiene i= de 1 a 50"},
		{"only the first {} of {} {} fields were read", "seuls les {} premiers de {} champs {} ont été lus", "nur die ersten {} von {} Feldern {} wurden gelesen", "solo se leyeron los primeros {} de {} campos {}"},
		{"there is no ARC set i={}", "il n’y a pas de jeu ARC i={}", "es gibt keinen ARC-Satz i={}", "no hay conjunto ARC i={}"},
	}...)
}

// dated are the sentences on who signed what, with the day and without it.
func dated() []row {
	undated := row{" (the signature does not say when)", " (la signature ne dit pas quand)", " (die Signatur sagt nicht, wann)", " (la firma no dice cuándo)"}
	on := row{" on {}", " le {}", " (am {})", " el {}"}
	var out []row
	for _, r := range []row{
		{"the mail service of {} signed {} and the body", "le service de messagerie de {} a signé {} et le corps", "der Maildienst von {} hat {} und den Text signiert", "el servicio de correo de {} firmó {} y el cuerpo"},
		{"the mail service of {} signed {} and the first {} bytes of the body", "le service de messagerie de {} a signé {} et les {} premiers octets du corps", "der Maildienst von {} hat {} und die ersten {} Bytes des Textes signiert", "el servicio de correo de {} firmó {} y los primeros {} bytes del cuerpo"},
		{"the mail service of {} signed {} as they stand here", "le service de messagerie de {} a signé {} tels qu’ils figurent ici", "der Maildienst von {} hat {} so signiert, wie sie hier stehen", "el servicio de correo de {} firmó {} tal como figuran aquí"},
		{"the mail service of {} signed this message", "le service de messagerie de {} a signé ce message", "der Maildienst von {} hat diese Nachricht signiert", "el servicio de correo de {} firmó este mensaje"},
	} {
		out = append(out, joined(r, undated), joined(r, on))
	}
	return out
}

func joined(a, b row) (out row) {
	for i := range out {
		out[i] = a[i] + b[i]
	}
	return out
}

// trials tell what was undone for a hash or a signature to fit.
func trials() []row {
	var out []row
	for _, first := range []row{
		{"the body hash fits once ", "l’empreinte du corps correspond une fois que ", "der Hashwert des Textes passt, sobald ", "el resumen del cuerpo concuerda una vez que "},
		{"the signature fits once ", "la signature correspond une fois que ", "die Signatur passt, sobald ", "la firma concuerda una vez que "},
		{"and once ", "et une fois que ", "und sobald ", "y una vez que "},
	} {
		for _, r := range undone() {
			out = append(out, joined(first, r))
		}
	}
	return out
}

func undone() []row {
	return []row{
		// of the body
		{"the last line is removed, as if a footer was added after signing", "la dernière ligne est retirée, comme si un pied avait été ajouté après la signature", "die letzte Zeile entfernt ist, als wäre nach dem Signieren eine Fußzeile angefügt worden", "se quita la última línea, como si se hubiera añadido un pie después de firmar"},
		{"the last {} lines are removed, as if a footer was added after signing", "les {} dernières lignes sont retirées, comme si un pied avait été ajouté après la signature", "die letzten {} Zeilen entfernt sind, als wäre nach dem Signieren eine Fußzeile angefügt worden", "se quitan las últimas {} líneas, como si se hubiera añadido un pie después de firmar"},
		{"the last line is removed from the last part, before its closing boundary, as if a footer was added after signing", "la dernière ligne de la dernière partie est retirée, avant son délimiteur final, comme si un pied avait été ajouté après la signature", "die letzte Zeile des letzten Teils vor dessen Schlussmarke entfernt ist, als wäre nach dem Signieren eine Fußzeile angefügt worden", "se quita la última línea de la última parte, antes de su delimitador final, como si se hubiera añadido un pie después de firmar"},
		{"the last {} lines are removed from the last part, before its closing boundary, as if a footer was added after signing", "les {} dernières lignes de la dernière partie sont retirées, avant son délimiteur final, comme si un pied avait été ajouté après la signature", "die letzten {} Zeilen des letzten Teils vor dessen Schlussmarke entfernt sind, als wäre nach dem Signieren eine Fußzeile angefügt worden", "se quitan las últimas {} líneas de la última parte, antes de su delimitador final, como si se hubiera añadido un pie después de firmar"},
		{"the first line is removed, as if a banner was added after signing", "la première ligne est retirée, comme si un bandeau avait été ajouté après la signature", "die erste Zeile entfernt ist, als wäre nach dem Signieren ein Banner vorangestellt worden", "se quita la primera línea, como si se hubiera añadido un aviso después de firmar"},
		{"the first {} lines are removed, as if a banner was added after signing", "les {} premières lignes sont retirées, comme si un bandeau avait été ajouté après la signature", "die ersten {} Zeilen entfernt sind, als wäre nach dem Signieren ein Banner vorangestellt worden", "se quitan las primeras {} líneas, como si se hubiera añadido un aviso después de firmar"},
		{"a blank line is put back at the top", "une ligne vide est remise en tête", "oben wieder eine Leerzeile steht", "se repone una línea vacía al principio"},
		{"a bare CR is read the other way, as a line ending or not", "un CR isolé est lu dans l’autre sens, comme fin de ligne ou non", "ein einzelnes CR andersherum gelesen wird, als Zeilenende oder nicht", "un CR suelto se lee al revés, como final de línea o no"},
		{"doubled CRs at line endings are made one", "les CR doublés en fin de ligne n’en font plus qu’un", "verdoppelte CR am Zeilenende zu einem werden", "los CR dobles al final de línea se reducen a uno"},
		{"bare CRs are taken away", "les CR isolés sont ôtés", "einzelne CR weggenommen werden", "se quitan los CR sueltos"},
		{"the blanks at line ends are taken away", "les blancs en fin de ligne sont ôtés", "die Leerzeichen am Zeilenende weggenommen werden", "se quitan los blancos al final de las líneas"},
		{"the signature separator \"--\" has its blank again", "le séparateur de signature « -- » retrouve son espace", "der Signaturtrenner „--“ sein Leerzeichen zurückerhält", "el separador de firma «--» recupera su espacio"},
		{"the dot is taken away that stands doubled at the start of lines", "le point doublé en début de ligne est ôté", "der am Zeilenanfang verdoppelte Punkt weggenommen wird", "se quita el punto doble al principio de las líneas"},
		{"lines that were broken with \"!\" are joined", "les lignes coupées par « ! » sont réunies", "mit „!“ umbrochene Zeilen verbunden werden", "se unen las líneas cortadas con «!»"},
		{"\">From \" is read as \"From \", its quoting in mbox files", "« >From » est lu comme « From », son marquage dans les fichiers mbox", "„>From“ als „From“ gelesen wird, wie es mbox-Dateien markieren", "«>From» se lee como «From», su marca en los ficheros mbox"},
		{"some of the lines with \">From \" are read as \"From \", their quoting in mbox files", "certaines des lignes avec « >From » sont lues comme « From », leur marquage dans les fichiers mbox", "manche Zeilen mit „>From“ als „From“ gelesen werden, wie es mbox-Dateien markieren", "algunas de las líneas con «>From» se leen como «From», su marca en los ficheros mbox"},
		{"\"From \" is read as \">From \"", "« From » est lu comme « >From »", "„From“ als „>From“ gelesen wird", "«From» se lee como «>From»"},
		{"its base64 is decoded: it was encoded after signing", "son base64 est décodé : il a été codé après la signature", "sein Base64 dekodiert ist: Er wurde nach dem Signieren kodiert", "se descodifica su base64: se codificó después de firmar"},
		{"its quoted-printable is decoded: it was encoded after signing", "son quoted-printable est décodé : il a été codé après la signature", "sein Quoted-Printable dekodiert ist: Er wurde nach dem Signieren kodiert", "se descodifica su quoted-printable: se codificó después de firmar"},
		{"it is put in base64 again: it was decoded after signing", "il est remis en base64 : il a été décodé après la signature", "er wieder in Base64 steht: Er wurde nach dem Signieren dekodiert", "se vuelve a poner en base64: se descodificó después de firmar"},
		{"it is put in quoted-printable again: it was decoded after signing", "il est remis en quoted-printable : il a été décodé après la signature", "er wieder in Quoted-Printable steht: Er wurde nach dem Signieren dekodiert", "se vuelve a poner en quoted-printable: se descodificó después de firmar"},
		{"the {} of a part is decoded: it was encoded after signing", "le {} d’une partie est décodé : elle a été codée après la signature", "das {} eines Teils dekodiert ist: Er wurde nach dem Signieren kodiert", "se descodifica el {} de una parte: se codificó después de firmar"},
		{"the first part alone is taken: it was wrapped together with others after signing", "la première partie est prise seule : elle a été réunie à d’autres après la signature", "nur der erste Teil genommen wird: Er wurde nach dem Signieren mit anderen zusammengepackt", "se toma solo la primera parte: se juntó con otras después de firmar"},
		// of the header
		{"an empty {} field is put back", "un champ {} vide est remis", "wieder ein leeres Feld {} dasteht", "se repone un campo {} vacío"},
		{"the mark {} is taken out of the Subject: it was put there after signing", "la marque {} est ôtée du Subject : elle y a été mise après la signature", "die Marke {} aus dem Subject genommen wird: Sie kam nach dem Signieren hinein", "se quita la marca {} del Subject: se puso después de firmar"},
		{"From is read as {} has it: From was rewritten after signing", "From est lu comme l’indique {} : From a été réécrit après la signature", "From so gelesen wird, wie {} es hat: From wurde nach dem Signieren umgeschrieben", "From se lee como lo tiene {}: From se reescribió después de firmar"},
		{"another of its {} fields is taken for the signed one", "un autre de ses champs {} est pris pour celui qui est signé", "ein anderes der Felder {} als das signierte gilt", "otro de sus campos {} se toma por el firmado"},
		{"{} is read as its X-Original field has it", "{} est lu comme l’indique son champ X-Original", "{} so gelesen wird, wie das zugehörige X-Original-Feld es hat", "{} se lee como lo tiene su campo X-Original"},
		{"{} is put on one line: it was folded after signing", "{} est mis sur une ligne : il a été replié après la signature", "{} auf einer Zeile steht: Es wurde nach dem Signieren umbrochen", "{} se pone en una línea: se plegó después de firmar"},
		{"the {} field is taken away: it was added after signing", "le champ {} est ôté : il a été ajouté après la signature", "das Feld {} weggenommen wird: Es kam nach dem Signieren hinzu", "se quita el campo {}: se añadió después de firmar"},
		{"the fields of the first part are put back into the header", "les champs de la première partie sont remis dans l’en-tête", "die Felder des ersten Teils wieder im Kopf stehen", "los campos de la primera parte vuelven a la cabecera"},
	}
}
